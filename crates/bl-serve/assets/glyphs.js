// Labels in scripts that the reader's computer may have no font for.

const canvas = Object.assign(document.createElement("canvas"), { width: 24, height: 24 });
const context = canvas.getContext("2d", { willReadFrequently: true });

function picture(text) {
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.font = `16px ${getComputedStyle(document.body).fontFamily}`;
  context.fillText(text, 2, 18);
  return context.getImageData(0, 0, canvas.width, canvas.height).data.join();
}

/**
 * The labels, or their numbers (`#0`, `#1`, …) if several look the same: then they are the boxes of glyphs that are missing.
 */
export function glyphs(labels) {
  const letters = labels.filter((label) => [...label].length === 1);
  const looks = new Set(letters.map(picture));
  return looks.size < new Set(letters).size ? labels.map((_, index) => `#${index}`) : labels;
}
