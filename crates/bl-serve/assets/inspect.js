// One image task up close: its classes, what its network sees, and which hidden units are ON.

import { about, element } from "./element.js";
import { glyphs } from "./glyphs.js";
import { colours } from "./plot.js";

const part = (id) => document.getElementById(id);

/** The panel beside the tasks. */
export function inspector() {
  let [model, bars] = [null, []];
  const [seen, map, count] = [part("seen"), part("on-map"), part("on-count")];

  function show(next) {
    model = next;
    part("inspect-title").textContent = model?.name ?? "";
    const labels = model?.adapter.labels ?? [];
    const shown = glyphs(labels);
    const numbered = shown === labels ? "" : "; there is no font for it here, so classes have numbers";
    part("inspect-about").textContent = model ? about(model.adapter) + numbered : "";
    bars = shown.map((label) => {
      const bar = element("i");
      const [term, track] = [element("dt", { title: label }, label), element("dd", { class: "track" }, bar)];
      return { term, track, bar, share: element("dd", { class: "share number" }) };
    });
    part("inspect-bars").replaceChildren(...bars.flatMap(({ term, track, share }) => [term, track, share]));
    blank();
  }

  function blank() {
    for (const { track, bar, share } of bars) {
      track.classList.remove("top");
      bar.style.width = "0";
      share.textContent = "–";
    }
    seen.getContext("2d").clearRect(0, 0, seen.width, seen.height);
    map.getContext("2d").clearRect(0, 0, map.width, map.height);
    count.textContent = model ? `none of ${grouped(model.adapter.units)} yet` : "–";
  }

  function fill({ probabilities, image, on }) {
    const top = probabilities.indexOf(Math.max(...probabilities));
    bars.forEach(({ track, bar, share }, index) => {
      track.classList.toggle("top", index === top);
      bar.style.width = `${100 * probabilities[index]}%`;
      share.textContent = `${(100 * probabilities[index]).toFixed(1)} %`;
    });
    drawImage(image);
    drawUnits(on);
  }

  /** Grey pixels, or RGB, as the model's metadata say. */
  function drawImage(pixels) {
    const [, height, width, channels = 1] = model.inputs[0].shape;
    [seen.width, seen.height] = [width, height];
    paint(seen, (at) => [0, 1, 2].map((colour) => pixels[at * channels + Math.min(colour, channels - 1)] ?? 0));
  }

  /** A dot a unit, unit 0 at the top left; unit i is ON if bit i % 8 of byte ⌊i / 8⌋ is set. */
  function drawUnits(bytes) {
    const units = Math.min(model.adapter.units, 8 * bytes.length);
    const isOn = (unit) => (bytes[unit >> 3] >> (unit & 7)) & 1;
    // The largest whole number of screen pixels a dot that leaves the map lower than wide.
    const wide = map.clientWidth || 288;
    const dot = Math.max(1, Math.floor(Math.sqrt((wide * wide * 0.5) / units)));
    map.width = Math.floor(wide / dot);
    map.height = Math.ceil(units / map.width);
    const { accent, faint } = colours();
    const [on, rest] = [rgb(accent), rgb(faint)];
    paint(map, (unit) => (unit < units && isOn(unit) ? on : rest));
    let total = 0;
    for (let unit = 0; unit < units; unit++) total += isOn(unit);
    count.textContent = `${grouped(total)} of ${grouped(units)} (${((100 * total) / units).toFixed(1)} %)`;
  }

  return { show, blank, fill };
}

function paint(canvas, colour) {
  const context = canvas.getContext("2d");
  const picture = context.createImageData(canvas.width, canvas.height);
  for (let at = 0; at < canvas.width * canvas.height; at++) picture.data.set([...colour(at), 255], 4 * at);
  context.putImageData(picture, 0, 0);
}

const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const grouped = (number) => number.toLocaleString("en");
