// The page at `/`: which adapters there are, and which part of the page shows them.

import * as adapters from "./adapters.js";
import * as api from "./api.js";
import * as forecasts from "./forecasts.js";
import * as motion from "./motion.js";
import { complain, settle } from "./notice.js";
import * as pictures from "./pictures.js";
import * as texts from "./texts.js";

const LOOK_EVERY = 3000; // ms: others may load adapters, too
const known = new Map(); // name → { version, adapter }
let before = null; // what is shown, as text

const parts = [
  { id: "pictures", kinds: ["pictures"], show: pictures.show },
  { id: "texts", kinds: ["texts"], show: texts.show },
  { id: "forecasts", kinds: ["forecast"], show: forecasts.show },
  { id: "motion", kinds: ["generate", "reach"], show: motion.show },
];

/** Looks what is loaded, and shows it if it is something else than before. */
const refresh = api.oneInFlight(async () => {
  try {
    const entries = await api.index();
    settle("index");
    const now = JSON.stringify(entries);
    if (now === before) return;
    for (const { name, version, state } of entries) {
      if (state === "READY" && known.get(name)?.version !== version) {
        const { adapter, inputs, versions: [found] } = await api.metadata(name);
        known.set(name, { version: found, adapter, inputs });
      }
    }
    const all = entries.map((entry) => ({ ...entry, ...(entry.state === "READY" ? known.get(entry.name) : {}) }));
    adapters.show(all);
    for (const { id, kinds, show } of parts) {
      const models = all.filter(({ adapter }) => kinds.includes(adapter?.what));
      tab(id).hidden = models.length === 0;
      show(models);
    }
    open();
    before = now;
  } catch (error) {
    complain("index", error);
  }
});

const tab = (id) => document.getElementById(`tab-${id}`);

/** The parts that have something to show. */
const there = () => parts.filter(({ id }) => !tab(id).hidden);

/** Opens the part that the address names, or else the first. */
function open() {
  const chosen = there().find(({ id }) => `#${id}` === location.hash) ?? there()[0];
  document.getElementById("none").hidden = chosen !== undefined;
  for (const part of parts) {
    const isOpen = part === chosen;
    tab(part.id).setAttribute("aria-selected", String(isOpen));
    tab(part.id).tabIndex = isOpen ? 0 : -1;
    document.getElementById(part.id).hidden = !isOpen;
  }
  redraw();
}

function redraw() {
  forecasts.draw();
  motion.draw();
}

for (const { id } of parts) {
  tab(id).addEventListener("click", () => {
    history.replaceState(null, "", `#${id}`);
    open();
  });
  tab(id).addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    const all = there();
    const at = all.findIndex((part) => part.id === id);
    const next = tab(all.at((at + step) % all.length).id);
    next.click();
    next.focus();
  });
}
addEventListener("hashchange", open);
addEventListener("resize", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

try {
  adapters.start((await api.server()).mutation, refresh);
} catch (error) {
  complain("server", error);
}
await refresh();
setInterval(() => document.hidden || refresh(), LOOK_EVERY);
