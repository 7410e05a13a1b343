// Texts: what is typed is answered by every adapter that classifies texts.

import * as api from "./api.js";
import { element } from "./element.js";
import { complain, settle } from "./notice.js";

const MOST = 3; // classes that are shown of each adapter
const part = (id) => document.getElementById(id);
let models = [];

/** Shows the answers of these models; those for pairs of texts need another page. */
export function show(all) {
  models = all.filter(({ inputs }) => inputs?.[0]?.shape.length === 1);
  part("texts-example").textContent = models.length
    ? `Each adapter names one of its classes for any text: ${models.map(({ name }) => name).join(", ")}.`
    : "The adapters that are loaded take pairs of texts, by the API.";
  answer();
}

const answer = api.oneInFlight(async () => {
  const text = part("text").value;
  const list = part("text-answers");
  if (!text.trim()) return list.replaceChildren();
  const of = models;
  try {
    const inputs = [{ name: "text", datatype: "BYTES", shape: [1], data: [text] }];
    const answers = await Promise.all(of.map(({ name }) => api.infer(name, { inputs })));
    if (text !== part("text").value) return; // typed on: the next run answers
    list.replaceChildren(...of.map((model, at) => line(model, answers[at])));
    settle("texts");
  } catch (error) {
    list.replaceChildren();
    complain("texts", error);
  }
});

function line({ name, adapter }, { probabilities }) {
  const classes = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]).slice(0, MOST);
  const words = classes.map((at) => `${adapter.labels[at]} ${(100 * probabilities[at]).toFixed(1)} %`);
  return element("li", {}, element("strong", {}, name), ` ${words.join(", ")}`);
}

part("text").addEventListener("input", answer);
