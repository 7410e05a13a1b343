// Forecasters: which one is looked at, and what it is shown. Of Lorenz' system the page has the series; others are given theirs.

import { about, options } from "./element.js";
import * as lorenz from "./lorenz.js";
import * as own from "./own.js";

const choice = document.getElementById("forecaster");
let models = [];

/** Shows these models. */
export function show(all) {
  models = all;
  options(choice, models);
  choose();
}

function choose() {
  const model = models.find(({ name }) => name === choice.value) ?? null;
  document.getElementById("forecaster-about").textContent = model ? about(model.adapter) : "";
  const isLorenz = model !== null && lorenz.knows(model);
  lorenz.show(isLorenz ? model : null);
  own.show(isLorenz ? null : model);
}

export const draw = own.draw;

choice.addEventListener("change", choose);
