// Lines and points on a canvas, sharp on every screen and in the page's colours.

const names = ["ink", "muted", "line", "faint", "card", "accent", "warm", "good", "bad"];
let known = null;
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { known = null; });

/** The page's colours by name, `#rrggbb`, as they are now: light or dark. */
export function colours() {
  if (!known) {
    const style = getComputedStyle(document.documentElement);
    known = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  }
  return known;
}

/** An empty plot whose axes go over `x` and `y`, each `[from, to]`; null while the canvas is hidden. */
export function plot(canvas, { x, y, margin = 0 }) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (width === 0) return null;
  const scale = devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = "12px system-ui, sans-serif";
  context.lineJoin = context.lineCap = "round";
  const across = (at) => margin + ((at - x[0]) / (x[1] - x[0])) * (width - 2 * margin);
  const up = (at) => height - margin - ((at - y[0]) / (y[1] - y[0])) * (height - 2 * margin);

  return {
    context, width, height, across, up,
    /** A line through points `[x, y]`; a point without a number interrupts it. */
    line(points, { colour, thick = 2, dash = [] }) {
      context.strokeStyle = colour;
      context.lineWidth = thick;
      context.setLineDash(dash);
      context.beginPath();
      let pen = false;
      for (const [atX, atY] of points) {
        if (!Number.isFinite(atY)) pen = false;
        else {
          pen ? context.lineTo(across(atX), up(atY)) : context.moveTo(across(atX), up(atY));
          pen = true;
        }
      }
      context.stroke();
      context.setLineDash([]);
    },
    dot([atX, atY], colour, radius = 4) {
      context.fillStyle = colour;
      context.beginPath();
      context.arc(across(atX), up(atY), radius, 0, 2 * Math.PI);
      context.fill();
    },
    /** A line from edge to edge. */
    rule(axis, at, colour, dash = []) {
      const ends = axis === "x" ? [[at, y[0]], [at, y[1]]] : [[x[0], at], [x[1], at]];
      this.line(ends, { colour, thick: 1, dash });
    },
    text(words, [atX, atY], { colour, align = "left", right = 0, below = 0 }) {
      context.fillStyle = colour;
      context.textAlign = align;
      context.fillText(words, across(atX) + right, up(atY) + below);
    },
  };
}

/** The smallest range that holds all values, with some room; more `below` where words are. */
export function rangeOf(values, below = 0.08) {
  const [low, high] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
  const size = high - low || 12;
  return [low - below * size, high + 0.08 * size];
}
