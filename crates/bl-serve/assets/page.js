// The page at `/`: which adapters there are, and which part of the page shows them.

import * as adapters from "./adapters.js";
import * as api from "./api.js";
import * as lorenz from "./lorenz.js";
import * as motion from "./motion.js";
import { complain, settle } from "./notice.js";
import * as pictures from "./pictures.js";

const LOOK_EVERY = 3000; // ms: others may load adapters, too
const known = new Map(); // name → { version, adapter }
let before = null; // what is shown, as text

const parts = [
  { id: "pictures", kinds: ["pictures"], show: pictures.show },
  { id: "lorenz", kinds: ["forecast"], show: lorenz.show },
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
        const { adapter, versions: [found] } = await api.metadata(name);
        known.set(name, { version: found, adapter });
      }
    }
    const all = entries.map((entry) => ({ ...entry, ...(entry.state === "READY" ? known.get(entry.name) : {}) }));
    adapters.show(all);
    for (const { id, kinds, show } of parts) {
      const models = all.filter(({ adapter }) => kinds.includes(adapter?.what));
      const panel = document.getElementById(id);
      panel.firstElementChild.hidden = models.length > 0;
      panel.lastElementChild.hidden = models.length === 0;
      show(models);
    }
    before = now;
  } catch (error) {
    complain("index", error);
  }
});

function open(id) {
  for (const part of parts) {
    const tab = document.getElementById(`tab-${part.id}`);
    const chosen = part.id === id;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    document.getElementById(part.id).hidden = !chosen;
  }
  motion.draw();
}

for (const [at, { id }] of parts.entries()) {
  const tab = document.getElementById(`tab-${id}`);
  tab.addEventListener("click", () => {
    history.replaceState(null, "", `#${id}`);
    open(id);
  });
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    const next = document.getElementById(`tab-${parts.at((at + step) % parts.length).id}`);
    next.click();
    next.focus();
  });
}
const openHash = () => open(parts.some(({ id }) => `#${id}` === location.hash) ? location.hash.slice(1) : "pictures");
addEventListener("hashchange", openHash);
addEventListener("resize", motion.draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", motion.draw);
openHash();

try {
  adapters.start((await api.server()).mutation, refresh);
} catch (error) {
  complain("server", error);
}
await refresh();
setInterval(() => document.hidden || refresh(), LOOK_EVERY);
