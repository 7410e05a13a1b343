// Lorenz' system as it runs, and a network that forecasts it.

import * as api from "./api.js";
import { complain, settle } from "./notice.js";
import { colours, plot } from "./plot.js";
import { ahead, FreeRun, Lorenz, Samples, rSquared } from "./series.js";

const [BACK, AHEAD, KEPT, SENT, JUDGED] = [320, 110, 1200, 200, 500]; // samples
const ASK_EVERY = 100; // ms
const FREE_STEPS = 600;
const TOLERANCE = 0.4; // standard deviations, the usual criterion of a valid time

const part = (id) => document.getElementById(id);
const system = new Lorenz();
const truth = new Samples(KEPT);
const height = new Samples(KEPT); // z, for the attractor
let [model, free] = [null, null];
let made = new Map(); // sample → what was said of it `horizon` samples before
let running = !matchMedia("(prefers-reduced-motion: reduce)").matches;
let [before, owed, asked, told] = [null, 0, 0, 0];
for (let sample = 0; sample < BACK + SENT; sample++) advance();

/** Whether an adapter was trained on the system of this page, and not on another series. */
export const knows = ({ adapter: { task, signal } }) => task === "lorenz" && !signal.learned;

/** Shows this model, or none. */
export function show(next) {
  part("lorenz").hidden = !next;
  if (next?.name === model?.name && next?.version === model?.version) return;
  [model, made, free] = [next, new Map(), null];
  part("valid").textContent = "–";
  part("valid-more").textContent = `until the error is above ${TOLERANCE} standard deviations`;
  if (!model) return;
  const { horizon } = model.adapter.signal;
  part("horizon").textContent = ahead(horizon);
  part("horizon-more").textContent = `${time(horizon)}from true values, updated ten times per second`;
  ask();
}

/** Samples as units of time, where their distance is known. */
function time(samples) {
  const { spacing } = model.adapter.signal;
  return spacing ? `${(samples * spacing).toFixed(2)} units of time, ` : "";
}

function advance() {
  truth.push(system.x);
  height.push(system.z);
  system.step();
}

/** The series' own standard deviation, as it was at training. */
const deviation = () => model.adapter.signal.scale.unit;

const ask = api.oneInFlight(async () => {
  const of = model;
  if (!of) return;
  const { horizon, washout } = of.adapter.signal;
  const first = made.size === 0; // then forecasts for the whole plot are wanted
  const series = truth.last(first ? BACK + SENT : Math.max(SENT, 2 * (washout + horizon)));
  const end = truth.end;
  try {
    const { forecast } = await api.infer(of.name, request(series));
    if (of !== model) return;
    for (let at = washout; at < forecast.length; at++) {
      const sample = end - forecast.length + at + horizon;
      if (sample >= end || !made.has(sample)) made.set(sample, forecast[at]);
    }
    for (const sample of made.keys()) {
      if (sample >= truth.first) break; // in the order of time
      made.delete(sample);
    }
    settle("lorenz");
  } catch (error) {
    pause(true);
    complain("lorenz", error);
  }
});

/** The series is of the system that was learned, so its samples are as far apart. */
function request(series, more) {
  const { spacing } = model.adapter.signal;
  const parameters = { ...(spacing ? { spacing } : {}), ...more };
  return { inputs: [{ name: "series", datatype: "FP64", shape: [series.length], data: series }], parameters };
}

async function goOn() {
  const of = model;
  const { horizon, washout } = of.adapter.signal;
  const [series, end] = [truth.last(Math.max(SENT, 2 * (washout + horizon))), truth.end];
  try {
    const { free_run: values } = await api.infer(of.name, request(series, { free_run: FREE_STEPS }));
    if (of !== model) return;
    free = new FreeRun(end, values, TOLERANCE * deviation());
    pause(false);
    settle("lorenz");
  } catch (error) {
    complain("lorenz", error);
  }
}

function frame(now) {
  requestAnimationFrame(frame);
  const passed = before === null ? 0 : Math.min(now - before, 100);
  before = now;
  if (!model || part("lorenz").offsetParent === null) return;
  if (running) {
    owed += (passed / 1000) * Number(part("speed").value);
    for (; owed >= 1; owed--) advance();
    if (now - asked >= ASK_EVERY) {
      asked = now;
      ask();
    }
  }
  free?.compare(truth);
  drawSeries();
  drawAttractor();
  if (now - told >= 250) {
    told = now;
    tell();
  }
}

function drawSeries() {
  const { offset, unit } = model.adapter.signal.scale;
  const end = truth.end;
  const view = plot(part("lorenz-plot"), { x: [end - BACK, end + AHEAD], y: [offset - 2.9 * unit, offset + 2.9 * unit] });
  if (!view) return;
  const { ink, muted, line, warm, accent } = colours();
  const samples = (from, to, value) => Array.from({ length: Math.max(0, to - from) }, (_, n) => [from + n, value(from + n)]);
  view.rule("y", 0, line);
  view.rule("x", end - 1, muted, [3, 4]);
  view.text("now", [end - 1, offset - 2.9 * unit], { colour: muted, below: -6, right: 6 });
  view.line(samples(end - BACK, end, (sample) => truth.at(sample)), { colour: ink, thick: 2.5 });
  if (free) {
    view.line(samples(free.start, Math.min(free.start + free.values.length, end + AHEAD), (sample) => free.values[sample - free.start]), { colour: accent, thick: 2.5, dash: [7, 5] });
    if (free.left) view.dot([free.start + free.valid, free.values[free.valid]], accent, 5);
  }
  const last = end + model.adapter.signal.horizon - 1;
  view.line(samples(end - BACK, last + 1, (sample) => made.get(sample) ?? NaN), { colour: warm, thick: 1.75 });
  const tip = [...Array(model.adapter.signal.horizon).keys()].map((n) => last - n).find((sample) => made.has(sample));
  if (tip !== undefined) view.dot([tip, made.get(tip)], warm);
}

function drawAttractor() {
  const end = truth.end;
  const view = plot(part("lorenz-phase"), { x: [-24, 24], y: [0, 52], margin: 6 });
  if (!view) return;
  const { ink, muted } = colours();
  const points = Array.from({ length: BACK + SENT }, (_, n) => end - BACK - SENT + n).map((sample) => [truth.at(sample), height.at(sample)]);
  view.context.globalAlpha = 0.45;
  view.line(points, { colour: muted, thick: 1 });
  view.context.globalAlpha = 1;
  view.line(points.slice(-60), { colour: muted, thick: 2 });
  view.dot(points.at(-1), ink, 4.5);
}

function tell() {
  const pairs = [];
  for (let sample = truth.end - JUDGED; sample < truth.end; sample++) {
    if (made.has(sample) && sample >= truth.first) pairs.push([truth.at(sample), made.get(sample)]);
  }
  const r2 = rSquared(pairs);
  part("r2").textContent = Number.isFinite(r2) ? r2.toFixed(4) : "–";
  const { teacher_forced_r2: own } = model.adapter;
  const said = own === undefined || own === null ? "" : `; ${own.toFixed(4)} at training`;
  part("r2-more").textContent = `of the last ${pairs.length} forecasts compared with the true values${said}`;
  if (free) tellFree();
}

function tellFree() {
  const { lyapunov, spacing } = model.adapter.signal;
  const times = lyapunov && spacing ? `${(free.valid * spacing * lyapunov.exponent).toFixed(2)} Lyapunov times; ` : "";
  part("valid").textContent = `${free.valid} samples`;
  const state = free.left ? `then the error was above ${TOLERANCE} standard deviations` : free.isOver ? "to its end" : "so far";
  part("valid-more").textContent = `${time(free.valid)}${times}${state}`;
}

function pause(stop) {
  running = !stop;
  part("pause").setAttribute("aria-pressed", String(stop));
  part("pause").textContent = stop ? "Resume" : "Pause";
}

part("pause").addEventListener("click", () => pause(running));
part("free-run").addEventListener("click", goOn);
pause(!running);
requestAnimationFrame(frame);
