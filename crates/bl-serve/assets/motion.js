// Networks that move by themselves: trajectories without input, and reaching to a place.

import * as api from "./api.js";
import { about, element, options } from "./element.js";
import { complain, settle } from "./notice.js";
import { colours, plot, rangeOf } from "./plot.js";

const part = (id) => document.getElementById(id);
const [generators, reacher, plane] = ["generators", "reacher", "plane"].map(part);
const BEYOND = 3; // times the steps of training
const trajectories = new Map(); // name → { version, row, canvas, values }
let [models, movement] = [[], null];
let target = null; // in m

/** Shows these models. */
export function show(all) {
  models = all;
  const [made, reached] = ["generate", "reach"].map((what) => models.filter(({ adapter }) => adapter.what === what));
  [part("generate").hidden, part("reaching").hidden] = [made.length === 0, reached.length === 0];
  list(made);
  options(reacher, reached);
  run();
  reach();
}

/** Draws what is known; sizes and colours may have changed. */
export function draw() {
  trajectories.forEach(drawTrajectory);
  drawMovement();
}

const chosen = (choice) => models.find(({ name }) => name === choice.value);

/** A row for each generator, as it is now. */
function list(made) {
  for (const [name, { row }] of trajectories) {
    if (made.some((model) => model.name === name)) continue;
    row.remove();
    trajectories.delete(name);
  }
  for (const { name, version, adapter } of made) {
    const old = trajectories.get(name);
    if (old?.version === version) continue;
    const { variable, steps } = adapter.signal;
    const canvas = element("canvas", { class: "plot", role: "img", "aria-label": `${variable} over ${BEYOND * steps} steps` });
    const row = element("li", { "data-name": name }, element("h3", {}, name), element("p", { class: "small muted" }, about(adapter)), canvas);
    old ? old.row.replaceWith(row) : generators.append(row);
    trajectories.set(name, { version, row, canvas, trained: steps, values: null });
  }
}

const run = api.oneInFlight(async () => {
  try {
    for (const [name, known] of [...trajectories].filter(([, { values }]) => !values)) {
      const { trajectory } = await api.infer(name, { inputs: [], parameters: { steps: BEYOND * known.trained } });
      known.values = trajectory;
      drawTrajectory(known);
    }
    settle("generate");
  } catch (error) {
    complain("generate", error);
  }
});

function drawTrajectory({ canvas, values, trained }) {
  if (!values) return;
  const y = rangeOf(values, 0.2);
  const view = plot(canvas, { x: [0, values.length - 1], y, margin: 4 });
  if (!view) return;
  const { muted, line, accent } = colours();
  view.rule("y", 0, line);
  view.rule("x", trained, muted, [3, 4]);
  view.text("beyond the training steps", [trained, y[0]], { colour: muted, below: -6, right: 6 });
  view.line(values.map((value, step) => [step, value]), { colour: accent });
}

const reach = api.oneInFlight(async () => {
  const model = chosen(reacher);
  if (!model) return;
  part("reacher-about").textContent = about(model.adapter);
  const { distance } = model.adapter.signal;
  target ??= [distance * Math.SQRT1_2, distance * Math.SQRT1_2];
  const at = target;
  try {
    const inputs = [{ name: "target", datatype: "FP64", shape: [2], data: at }];
    const { position, speed, end_error: [error] } = await api.infer(model.name, { inputs });
    const points = speed.map((_, step) => [position[2 * step], position[2 * step + 1]]);
    movement = { target: at, points, speed, error, signal: model.adapter.signal };
    drawMovement();
    settle("reach");
  } catch (error) {
    complain("reach", error);
  }
});

/** Half the side of the plane, in m. */
const reachable = (signal) => 1.6 * signal.distance;

function drawMovement() {
  if (!movement) return;
  const { target: [toX, toY], points, speed, error, signal } = movement;
  const side = [-reachable(signal), reachable(signal)];
  const view = plot(plane, { x: side, y: side });
  const { ink, muted, line, accent, warm } = colours();
  if (view) {
    view.rule("x", 0, line);
    view.rule("y", 0, line);
    const ring = Array.from({ length: 73 }, (_, n) => (n * Math.PI) / 36);
    view.line(ring.map((angle) => [signal.distance * Math.cos(angle), signal.distance * Math.sin(angle)]), { colour: muted, thick: 1, dash: [3, 4] });
    view.line(points, { colour: accent, thick: 2.5 });
    points.filter((_, step) => step % 10 === 0).forEach((point) => view.dot(point, accent, 3));
    view.dot([toX, toY], warm, 6);
    view.dot(points.at(-1), ink, 4);
  }
  const graph = plot(part("speed-plot"), { x: [0, speed.length - 1], y: [-0.02 * Math.max(...speed), 1.15 * Math.max(...speed)], margin: 4 });
  if (graph) {
    graph.rule("y", 0, line);
    graph.line(speed.map((value, step) => [step, value]), { colour: accent });
    const fastest = speed.indexOf(Math.max(...speed));
    const align = fastest > speed.length / 2 ? "right" : "left";
    graph.text(`${speed[fastest].toFixed(3)} m/s`, [fastest, speed[fastest]], { colour: muted, align, below: -6 });
  }
  const seconds = (speed.length - 1) * signal.dt;
  part("reach-note").textContent =
    `To (${(100 * toX).toFixed(1)}, ${(100 * toY).toFixed(1)}) cm in ${seconds.toFixed(1)} s; it ends ${(1000 * error).toFixed(1)} mm off.`;
}

function aim(to) {
  const most = reachable(chosen(reacher).adapter.signal);
  target = to.map((at) => Math.min(most, Math.max(-most, at)));
  reach();
}

plane.addEventListener("click", (event) => {
  const box = plane.getBoundingClientRect();
  const most = reachable(chosen(reacher).adapter.signal);
  aim([(2 * (event.clientX - box.left)) / box.width - 1, 1 - (2 * (event.clientY - box.top)) / box.height].map((at) => at * most));
});
plane.addEventListener("keydown", (event) => {
  const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
  if (!move || !target) return;
  event.preventDefault();
  aim(target.map((at, axis) => at + 0.005 * move[axis]));
});
reacher.addEventListener("change", reach);
