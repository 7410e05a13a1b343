// A pad to draw on: bright ink on dark, as the training images are.

const PEN = 21; // of 280: some two pixels of the 20 that a digit of MNIST has
const STEP = 7; // of an arrow key

/** Makes a canvas a pad; `changed` is called after every change. */
export function pad(canvas, changed) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const side = canvas.width;
  let [empty, last, pointer] = [true, null, null];
  let [cursor, down] = [[side / 2, side / 4], false]; // of the keyboard

  function wipe() {
    context.fillStyle = "#000";
    context.fillRect(0, 0, side, side);
    [empty, last, down] = [true, null, false];
  }

  function clear() {
    wipe();
    changed();
  }

  function line(to) {
    const from = last ?? to;
    context.strokeStyle = "#fff";
    context.lineWidth = PEN;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(to[0], to[1] + (from === to ? 0.01 : 0)); // a line of no length is not drawn
    context.stroke();
    [last, empty] = [to, false];
  }

  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * side) / box.width, ((event.clientY - box.top) * side) / box.height];
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || pointer !== null) return;
    canvas.setPointerCapture(event.pointerId); // a stroke may leave the pad and come back
    [pointer, last] = [event.pointerId, null];
    line(place(event));
    changed();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    for (const part of event.getCoalescedEvents?.() ?? [event]) line(place(part));
    line(place(event));
    changed();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    addEventListener(end, (event) => {
      if (event.pointerId === pointer) [pointer, last] = [null, null];
    });
  }

  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    const move = moves[event.key];
    if (event.key === "Escape") clear();
    else if (event.key === " ") {
      down = !down;
      last = null;
    } else if (move) cursor = cursor.map((at, axis) => Math.min(side, Math.max(0, at + STEP * move[axis])));
    else return;
    event.preventDefault();
    if (down) {
      line(cursor);
      changed();
    }
  });

  wipe();
  return {
    clear,
    isEmpty: () => empty,
    /** A PNG file as base64. */
    png: () => canvas.toDataURL("image/png").split(",")[1],
  };
}
