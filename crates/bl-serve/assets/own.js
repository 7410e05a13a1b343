// A forecaster of a series that the page does not have: it is typed in, or comes from a file.

import * as api from "./api.js";
import { complain, settle } from "./notice.js";
import { colours, plot, rangeOf } from "./plot.js";
import { ahead, column, rSquared, span } from "./series.js";

const SEEN = 400; // samples before the end
const part = (id) => document.getElementById(id);
const [text, file, said, warned, legend, canvas] = ["series", "own-file", "own-said", "own-warning", "own-legend", "own-plot"].map(part);
const spaced = part("own-spaced"); // only who gives samples knows how far apart they are
let [model, made] = [null, null]; // made: { series, forecast, free, signal }

/** Shows this model, or none. */
export function show(next) {
  part("own").hidden = !next;
  if (next?.name === model?.name && next?.version === model?.version) return;
  model = next;
  blank();
  if (!model) return;
  const { variable, horizon, washout, learned, spacing } = model.adapter.signal;
  [part("own-apart").hidden, spaced.checked] = [!spacing, false];
  if (spacing) part("own-spacing").textContent = `These samples are ${span(spacing, learned?.spacing_unit)} apart, as those that it learned from.`;
  const named = learned?.column ? `, or a CSV file with a column ${learned.column}` : "";
  part("own-about").textContent =
    `It forecasts ${variable}, ${ahead(horizon)}. Give it samples of that series, more than ${washout + horizon}: one a line${named}.`;
}

function blank() {
  made = null;
  said.textContent = "";
  canvas.hidden = legend.hidden = warned.hidden = true;
}

const run = api.oneInFlight(async () => {
  const of = model;
  if (!of) return;
  const { signal } = of.adapter;
  blank();
  try {
    const { values: series, name } = column(text.value, signal.learned?.column);
    const steps = Math.max(signal.horizon, Math.ceil(Math.min(series.length, SEEN) / 4));
    const inputs = [{ name: "series", datatype: "FP64", shape: [series.length], data: series }];
    const apart = spaced.checked ? { spacing: signal.spacing } : {};
    const parameters = { free_run: steps, ...(name ? { column: name } : {}), ...apart };
    const { forecast, free_run: free, parameters: { warning, note } } = await api.infer(of.name, { inputs, parameters });
    if (of !== model) return;
    made = { series, forecast, free, signal };
    warned.textContent = [warning, note].filter(Boolean).join("; ");
    warned.hidden = !warned.textContent;
    tell(of.adapter);
    canvas.hidden = legend.hidden = false;
    draw();
    settle("own");
  } catch (error) {
    complain("own", error);
  }
});

function tell({ worth }) {
  const { series, forecast, free, signal: { horizon, washout } } = made;
  const pairs = series.slice(washout + horizon).map((value, at) => [value, forecast[washout + at]]);
  const r2 = rSquared(pairs);
  const measured = Number.isFinite(r2) ? `R² ${r2.toFixed(4)} of ${pairs.length} forecasts compared with these samples` : "There is no R² of too few samples, or of samples that are all the same";
  said.textContent = `${measured}${worth ? `; ${worth} on held-out data at training` : ""}. The free run goes on for ${free.length} samples.`;
}

/** Draws what is known; sizes and colours may have changed. */
export function draw() {
  if (!made) return;
  const { series, forecast, free, signal: { horizon, washout } } = made;
  const end = series.length;
  const first = Math.max(0, end - SEEN);
  const truth = series.map((value, at) => [at, value]).slice(first);
  const forecasts = forecast.map((value, at) => [at + horizon, value]).slice(Math.max(washout, first - horizon));
  const after = free.map((value, at) => [end + at, value]);
  const y = rangeOf([...truth, ...forecasts, ...after].map(([, value]) => value), 0.2);
  const view = plot(canvas, { x: [first, end + Math.max(free.length, horizon)], y, margin: 4 });
  if (!view) return;
  const { ink, muted, warm, accent } = colours();
  view.rule("x", end - 1, muted, [3, 4]);
  view.text("end of the samples", [end - 1, y[0]], { colour: muted, align: "right", below: -6, right: -6 });
  view.line(truth, { colour: ink, thick: 2.5 });
  view.line(after, { colour: accent, thick: 2.5, dash: [7, 5] });
  view.line(forecasts, { colour: warm, thick: 1.75 });
}

part("own-run").addEventListener("click", run);
part("own-choose").addEventListener("click", () => file.click());
file.addEventListener("change", async () => {
  const [chosen] = file.files;
  if (!chosen) return;
  const unread = (error) => complain("own", { message: `${chosen.name} cannot be read: ${error.message}`, status: 0 });
  const content = await chosen.text().catch(unread);
  file.value = ""; // the same file may be chosen again
  if (content === undefined) return;
  text.value = content;
  run();
});
