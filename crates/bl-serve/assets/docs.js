// The page at `/docs`: what openapi.json says, with examples to copy and addresses to try.

import { element, words } from "./element.js";
import { resolve, schemaList } from "./schema.js";

const description = await (await fetch("/openapi.json")).json();
await useWhatIsLoaded(description.components.parameters);
const [about, contents, operations] = ["about", "contents", "operations"].map((id) => document.getElementById(id));

about.append(...words(description.info.description));
operations.replaceChildren();
for (const { name, description: what } of description.tags) {
  operations.append(element("h2", {}, `${name} `, element("span", { class: "muted small" }, what)));
  contents.append(element("h2", {}, name));
  for (const [path, methods] of Object.entries(description.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (!operation.tags.includes(name)) continue;
      contents.append(element("a", { href: `#${operation.operationId}`, title: `${method.toUpperCase()} ${path}` }, operation.summary));
      operations.append(card(method, path, operation));
    }
  }
}
document.getElementById(location.hash.slice(1))?.scrollIntoView();

/** Examples name an adapter that is there, and its version. */
async function useWhatIsLoaded({ model, version }) {
  const response = await fetch("/v2/repository/index", { method: "POST", body: '{"ready":true}' });
  const loaded = response.ok ? await response.json() : [];
  const example = loaded.find(({ name }) => name === model.example) ?? loaded[0];
  if (example) [model.example, version.example] = [example.name, example.version];
}

function card(method, path, operation) {
  const parameters = (operation.parameters ?? []).map((parameter) => resolve(description, parameter));
  return element(
    "section", { class: "operation card", id: operation.operationId, "aria-label": operation.summary },
    element("h3", {}, element("span", { class: `method ${method}` }, method.toUpperCase()), element("code", { class: "path" }, path), element("span", { class: "muted" }, operation.summary)),
    element("div", { class: "words small" }, ...words(operation.description)),
    ...(parameters.length > 0 ? [element("h4", {}, "Parameters"), parameterTable(parameters)] : []),
    ...request(path, operation, parameters),
    ...(method === "get" ? [element("h4", {}, "Try it"), ...tryIt(path, parameters)] : []),
    element("h4", {}, "Answers"),
    answers(operation.responses),
  );
}

function parameterTable(parameters) {
  const row = ({ name, in: where, required, description: what, schema }) => element(
    "tr", {}, element("th", { scope: "row" }, element("code", {}, name)),
    element("td", {}, `${where}, ${schema.type}${required ? "" : ", may be left out"}`), element("td", {}, ...words(what)),
  );
  return element("div", { class: "scroll" }, element("table", {}, ...parameters.map(row)));
}

function request(path, operation, parameters) {
  const json = operation.requestBody?.content["application/json"];
  if (!json) return [];
  const examples = Object.values(json.examples ?? {}).map(({ summary, value, "x-path": places }) => {
    const address = fill(path, parameters, places);
    const command = `curl -s ${location.origin}${address} -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(value)}'`;
    return element("div", { class: "example" }, element("div", { class: "apart small" }, element("span", {}, summary), copy(() => command)), element("pre", {}, command));
  });
  const must = operation.requestBody.required ? "" : " (may be left out)";
  return [element("h4", {}, `Body${must}`), schemaList(description, json.schema), element("h4", {}, "Examples"), ...examples];
}

/** The path with its places filled. */
function fill(path, parameters, values = {}) {
  return path.replace(/\{(\w+)\}/g, (_, name) => {
    const example = parameters.find((parameter) => parameter.name === name)?.example;
    return encodeURIComponent(values[name] ?? example ?? name);
  });
}

/** A button that copies what `text` says then. */
function copy(text) {
  const button = element("button", {
    click: async () => {
      try {
        await navigator.clipboard.writeText(text());
        button.textContent = "Copied";
      } catch { // an address that the browser does not trust with the clipboard
        const command = button.closest(".example").querySelector("pre");
        getSelection().selectAllChildren(command);
        button.textContent = "Selected: copy it";
      }
    },
  }, "Copy");
  return button;
}

function tryIt(path, parameters) {
  const inputs = parameters.filter((parameter) => parameter.in === "path").map(({ name, example }) => [name, element("input", { value: example ?? "", "aria-label": name })]);
  const address = () => fill(path, parameters, Object.fromEntries(inputs.map(([name, input]) => [name, input.value])));
  const curl = () => `curl -s ${location.origin}${address()}`;
  const command = element("pre", {}, curl());
  const result = element("pre", { hidden: true, "aria-live": "polite" });
  const send = async () => {
    try {
      const response = await fetch(address());
      const text = await response.text();
      const json = response.headers.get("content-type")?.startsWith("application/json");
      result.textContent = `${response.status} ${response.statusText}\n${json ? JSON.stringify(JSON.parse(text), null, 1) : text}`;
    } catch (error) {
      result.textContent = `no answer: ${error.message}`;
    }
    result.hidden = false;
  };
  inputs.forEach(([, input]) => input.addEventListener("input", () => { command.textContent = curl(); }));
  const line = element("div", { class: "try" }, ...inputs.map(([name, input]) => element("label", { class: "small" }, `${name} `, input)), element("button", { class: "main", click: send }, "Send"), copy(curl));
  return [element("div", { class: "example" }, line, command), result];
}

function answers(responses) {
  const row = ([status, given]) => {
    const response = resolve(description, given);
    const json = response.content?.["application/json"];
    const more = [];
    if (json?.schema && status < 400) more.push(element("details", {}, element("summary", {}, "schema"), schemaList(description, json.schema)));
    if (json?.example !== undefined) more.push(element("details", {}, element("summary", {}, "example"), element("pre", {}, JSON.stringify(json.example, null, 1))));
    return element("tr", {}, element("th", { scope: "row" }, status), element("td", {}, ...words(response.description), ...more));
  };
  return element("div", { class: "scroll" }, element("table", {}, ...Object.entries(responses).map(row)));
}
