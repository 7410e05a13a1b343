// Networks that move by themselves: trajectories without input, and reaching to a place.

import * as api from "./api.js";
import { complain, settle } from "./notice.js";
import { colours, plot, rangeOf } from "./plot.js";

const part = (id) => document.getElementById(id);
const [generator, reacher, plane] = ["generator", "reacher", "plane"].map(part);
const BEYOND = 3; // times the steps of training
let [models, trajectory, movement] = [[], null, null];
let target = null; // in m

/** Shows these models. */
export function show(all) {
  models = all;
  for (const [what, choice, box] of [["generate", generator, "generate"], ["reach", reacher, "reaching"]]) {
    const names = models.filter(({ adapter }) => adapter.what === what).map(({ name }) => name);
    const before = choice.value;
    choice.replaceChildren(...names.map((name) => new Option(name, name)));
    if (names.includes(before)) choice.value = before;
    part(box).hidden = names.length === 0;
  }
  run();
  reach();
}

/** Draws what is known; sizes and colours may have changed. */
export function draw() {
  drawTrajectory();
  drawMovement();
}

const chosen = (choice) => models.find(({ name }) => name === choice.value);

const run = api.oneInFlight(async () => {
  const model = chosen(generator);
  if (!model) return;
  const trained = model.adapter.signal.steps;
  try {
    const { trajectory: values } = await api.infer(model.name, { inputs: [], parameters: { steps: BEYOND * trained } });
    trajectory = { values, trained, variable: model.adapter.signal.variable };
    drawTrajectory();
    settle("generate");
  } catch (error) {
    complain("generate", error);
  }
});

function drawTrajectory() {
  if (!trajectory) return;
  const { values, trained, variable } = trajectory;
  const y = rangeOf(values);
  const view = plot(part("trajectory"), { x: [0, values.length - 1], y, margin: 4 });
  if (!view) return;
  const { muted, line, accent } = colours();
  view.rule("y", 0, line);
  view.rule("x", trained, muted, [3, 4]);
  view.text("beyond the training steps", [trained, y[0]], { colour: muted, below: -6, right: 6 });
  view.line(values.map((value, step) => [step, value]), { colour: accent });
  part("generate-note").textContent =
    `${variable} over ${values.length} steps. Nothing goes in: the biases alone make the frozen network do this.`;
}

const reach = api.oneInFlight(async () => {
  const model = chosen(reacher);
  if (!model) return;
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
generator.addEventListener("change", run);
reacher.addEventListener("change", reach);
