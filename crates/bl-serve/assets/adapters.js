// The list of adapters: a line each, loaded from a file, swapped and unloaded.

import * as api from "./api.js";
import { element } from "./element.js";
import { complain, say } from "./notice.js";

const [table, choose, file] = ["adapters", "choose", "file"].map((id) => document.getElementById(id));
const shown = new Map(); // name → version, to point out what changed
let [mutable, refresh] = [false, async () => {}];

/** Whether the server lets clients load and unload; what to call when that was done. */
export function start(mutation, changed) {
  [mutable, refresh] = [mutation, changed];
  document.getElementById("locked").hidden = mutable;
  document.getElementById("drop-help").hidden = !mutable;
  document.getElementById("action").hidden = choose.hidden = !mutable;
}

/** Shows the entries of the index, with the metadata of those that are loaded. */
export function show(entries) {
  table.parentElement.hidden = entries.length === 0;
  const first = shown.size === 0;
  table.replaceChildren(...entries.map((entry) => line(entry, !first && shown.get(entry.name) !== entry.version)));
  shown.clear();
  for (const { name, version } of entries) shown.set(name, version);
}

function line({ name, version, state, reason, loadable, adapter }, fresh) {
  const act = adapter ? "Unload" : "Load";
  const click = () => (adapter ? change(() => api.unload(name), () => `${name} is unloaded`) : loadFrom(name, {}));
  const row = element(
    "tr", { "data-name": name, class: fresh && "fresh" },
    element("td", {}, element("strong", {}, name), ` ${adapter?.title ?? ""}`, reason && element("span", { class: "reason small" }, adapter ? `another file was refused: ${reason}` : reason)),
    element("td", {}, adapter?.kind.replace("_", "+") ?? state.toLowerCase()),
    element("td", { class: "right number" }, adapter ? `${(adapter.bytes / 1000).toFixed(1)} kB` : ""),
    element("td", { class: "right number" }, adapter ? (adapter.worth ?? "–") : ""),
    element("td", { class: "mono generation", title: adapter?.generation }, version.slice(0, 12)),
    mutable && element("td", { class: "act" }, (adapter || loadable) && element("button", { "aria-label": `${act} ${name}`, click }, act)),
  );
  setTimeout(() => row.classList.remove("fresh"), 1500);
  return row;
}

async function change(ask, done) {
  try {
    say("adapters", done(await ask()));
  } catch (error) {
    complain("adapters", error);
  } finally {
    await refresh();
  }
}

function loadFrom(name, parameters) {
  return change(() => api.load(name, parameters), ({ version, replaced }) => {
    if (replaced === version) return `${name} was loaded already: the file is the same`;
    return replaced ? `${name} is now ${version}; it was ${replaced}` : `${name} is loaded as ${version}`;
  });
}

/** Loads a file under its own name. */
async function loadFile(chosen) {
  const name = chosen.name.replace(/\.safetensors$/i, "");
  if (name === chosen.name) {
    complain("adapters", { message: `${chosen.name} is not an adapter file`, hint: "expected a file that ends in .safetensors", status: 0 });
    return;
  }
  const text = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result.split(",")[1] ?? ""));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(chosen);
  }).catch((error) => complain("adapters", { message: `${chosen.name} cannot be read: ${error.message}`, status: 0 }));
  if (text !== undefined) await loadFrom(name, { file: text });
}

choose.addEventListener("click", () => file.click());
file.addEventListener("change", async () => {
  for (const chosen of [...file.files]) await loadFile(chosen);
  file.value = ""; // the same file may be chosen again
});

const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
const dropping = (on) => document.body.classList.toggle("dropping", on);
addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault(); // or the browser leaves the page for the file
  dropping(mutable);
});
addEventListener("dragleave", (event) => { if (!event.relatedTarget) dropping(false); });
addEventListener("drop", async (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  dropping(false);
  if (!mutable) {
    complain("adapters", { message: "this server does not let a page load adapters", hint: "start it with --allow-mutation", status: 0 });
    return;
  }
  for (const dropped of [...event.dataTransfer.files]) await loadFile(dropped);
});
