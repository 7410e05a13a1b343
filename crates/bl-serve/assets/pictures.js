// Every image task's answer to the drawing, as it is drawn.

import * as api from "./api.js";
import { element } from "./element.js";
import { glyphs } from "./glyphs.js";
import { inspector } from "./inspect.js";
import { complain, settle } from "./notice.js";
import { pad } from "./pad.js";

const list = document.getElementById("tasks");
const took = document.getElementById("took");
const off = new Set(); // names of the tasks that are not asked
const rows = new Map(); // name → what its row shows
const inspect = inspector();
let [models, selected] = [[], null];

const drawing = pad(document.getElementById("pad"), () => ask());
document.getElementById("clear").addEventListener("click", drawing.clear);

/** Shows these models, `[{ name, version, adapter }]`. */
export function show(all) {
  models = all;
  const names = models.map(({ name }) => name);
  for (const [name, row] of rows) {
    if (!names.includes(name)) {
      row.item.remove();
      rows.delete(name);
    }
  }
  for (const model of models) {
    if (rows.get(model.name)?.version !== model.version) {
      const old = rows.get(model.name);
      const item = row(model);
      old ? old.item.replaceWith(item) : list.append(item);
    }
  }
  document.getElementById("guess").hidden = models.length < 2;
  if (!names.includes(selected)) selected = names[0] ?? null;
  select(selected);
}

function row({ name, version, adapter }) {
  const toggle = ({ target }) => {
    target.checked ? off.delete(name) : off.add(name);
    ask();
  };
  const labels = glyphs(adapter.labels);
  const marks = labels.map((label) => label.replace(/^#/, ""));
  const fit = marks.length <= 16 && marks.every((mark) => [...mark].length <= 2);
  const bars = marks.map((mark) => {
    const bar = element("i");
    return { bar, column: element("span", {}, bar, fit ? mark : "") };
  });
  const says = element("span", { class: "says small number" });
  const answer = element("span", { class: "answer" });
  const button = element(
    "button", { title: adapter.title, click: () => select(name) },
    element("span", {}, element("span", { class: "name" }, name), says),
    answer,
    element("span", { class: "strip", "aria-hidden": "true" }, ...bars.map(({ column }) => column)),
  );
  const box = element("input", { type: "checkbox", checked: !off.has(name), "aria-label": `Ask ${name}`, change: toggle });
  const item = element("li", { class: "task card", "data-name": name }, element("label", {}, box), button);
  rows.set(name, { version, item, button, says, answer, bars, labels });
  blank(name);
  return item;
}

function blank(name) {
  const { item, says, answer, bars } = rows.get(name);
  item.classList.toggle("off", off.has(name));
  says.textContent = off.has(name) ? "switched off" : "waits for a drawing";
  answer.textContent = "";
  for (const { column, bar } of bars) {
    column.classList.remove("top");
    bar.style.height = "0";
  }
}

function fill(name, shares, fits) {
  const { item, says, answer, bars, labels } = rows.get(name);
  const top = shares.indexOf(Math.max(...shares));
  item.classList.remove("off");
  answer.textContent = labels[top];
  const letters = [...labels[top]].length;
  answer.classList.toggle("short", letters > 1 && letters < 4);
  answer.classList.toggle("long", letters > 3);
  says.textContent = `${(100 * shares[top]).toFixed(1)} %${fits ? ", most confident: a\u00a0guess" : ""}`;
  bars.forEach(({ column, bar }, index) => {
    column.classList.toggle("top", index === top);
    bar.style.height = `${100 * shares[index]}%`;
  });
}

/** How undecided: −Σ p ln p / ln K, from 0 (sure) to 1 (no idea). */
function entropy(shares) {
  const sum = shares.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0);
  return shares.length > 1 ? sum / Math.log(shares.length) : 0;
}

function select(name) {
  selected = name;
  for (const [other, { button }] of rows) button.setAttribute("aria-pressed", String(other === name));
  inspect.show(models.find((model) => model.name === name) ?? null);
  ask();
}

const ask = api.oneInFlight(async () => {
  const asked = models.filter(({ name }) => !off.has(name));
  const shown = models.find(({ name }) => name === selected);
  models.filter((model) => drawing.isEmpty() || !asked.includes(model)).forEach(({ name }) => blank(name));
  if (drawing.isEmpty() || models.length === 0) {
    took.textContent = "";
    return inspect.blank();
  }
  const picture = { name: "picture", datatype: "BYTES", shape: [1], data: [drawing.png()] };
  try {
    const start = performance.now();
    const answers = await all(picture, asked);
    if (asked.length > 0) took.textContent = `${asked.length} answered in ${(performance.now() - start).toFixed(0)} ms`;
    const surest = answers.reduce((best, one) => (best && best.entropy <= one.entropy ? best : one), null);
    for (const answer of answers) {
      if (rows.has(answer.name)) fill(answer.name, answer.shares, answer === surest && answers.length > 1);
    }
    if (shown) {
      const outputs = ["probabilities", "image", "on"].map((name) => ({ name }));
      const seen = await api.infer(shown.name, { inputs: [picture], outputs });
      if (shown.name === selected) inspect.fill(seen);
    }
    settle("pictures");
  } catch (error) {
    complain("pictures", error);
  }
});

/** One mixed request, which shares the frozen half; one each for tasks with other numbers of classes. */
async function all(picture, asked) {
  const answers = [];
  for (const classes of new Set(asked.map(({ adapter }) => adapter.labels.length))) {
    const names = asked.filter(({ adapter }) => adapter.labels.length === classes).map(({ name }) => name);
    const adapter = { name: "adapter", datatype: "BYTES", shape: [names.length], data: names };
    const { probabilities, label } = await api.infer("mixed", { inputs: [picture, adapter] });
    names.forEach((name, row) => {
      if (label[row] === "") return blank(name); // it cannot use this drawing
      const shares = probabilities.slice(row * classes, (row + 1) * classes);
      answers.push({ name, shares, entropy: entropy(shares) });
    });
  }
  return answers;
}
