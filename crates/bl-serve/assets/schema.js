// JSON schemas as lists that open.

import { element, words } from "./element.js";

/** Follows `$ref` within the description. */
export function resolve(description, value) {
  if (!value?.$ref) return value;
  const path = value.$ref.slice(2).split("/");
  return path.reduce((at, key) => at[key], description);
}

/** What a schema says, with what is inside it. */
export function schemaList(description, schema) {
  const inner = inside(description, schema);
  return inner ?? element("p", { class: "small" }, typeName(description, schema));
}

function inside(description, given) {
  const schema = merged(description, given);
  if (schema.oneOf) {
    return element("ul", { class: "schema" }, ...schema.oneOf.map((one) => field(description, nameOf(one), one, false)));
  }
  if (schema.type === "array") return inside(description, schema.items);
  if (!schema.properties) return null;
  const required = schema.required ?? [];
  const fields = Object.entries(schema.properties);
  return element("ul", { class: "schema" }, ...fields.map(([name, of]) => field(description, name, of, required.includes(name))));
}

/** One field; what is inside it is built when it is opened. */
function field(description, name, given, required) {
  const schema = merged(description, given);
  const line = [
    element("code", {}, name), " ",
    element("span", { class: "type" }, typeName(description, given)),
    required ? element("span", { class: "must" }, " required") : "",
  ];
  const more = words(schema.description);
  if (!inside(description, given)) return element("li", {}, ...line, ...more);
  const details = element("details", { toggle: () => details.children.length === 1 && details.append(inside(description, given)) }, element("summary", {}, ...line));
  return element("li", {}, details, ...more);
}

/** `allOf` in one. */
function merged(description, given) {
  const schema = resolve(description, given) ?? {};
  if (!schema.allOf) return schema;
  const parts = schema.allOf.map((part) => resolve(description, part));
  return { ...parts[0], properties: Object.assign({}, ...parts.map((part) => part.properties)) };
}

const nameOf = (schema) => schema?.$ref?.split("/").at(-1) ?? "";

function typeName(description, given) {
  const schema = resolve(description, given) ?? {};
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.oneOf) return "one of";
  if (schema.allOf) return nameOf(schema.allOf[0]);
  if (schema.type === "array") {
    const of = typeName(description, schema.items);
    return of === "anything" ? "list" : `list of ${of}`;
  }
  const type = nameOf(given) || [schema.type ?? "anything"].flat().join(" or ");
  return schema.default === undefined ? type : `${type}, ${JSON.stringify(schema.default)} if left out`;
}
