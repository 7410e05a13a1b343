// Elements of a page, written as they nest.

/** `element("p", { class: "small" }, "words", child)`: text is text, whatever is in it. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return made;
}

/** Makes models the options of a choice; what was chosen stays so if it is among them. */
export function options(choice, models) {
  const names = models.map(({ name }) => name);
  const before = choice.value;
  choice.replaceChildren(...names.map((name) => element("option", { value: name }, name)));
  choice.value = names.includes(before) ? before : (names[0] ?? "");
}

/** What an adapter is for, and what it was worth on held-out data. */
export const about = ({ title, worth }) => [title, worth].filter(Boolean).join(" · ");

/** Paragraphs of words with `code`, **strong** and [links](https://…), the part of Markdown that the descriptions use. */
export function words(text) {
  return (text ?? "").split("\n\n").filter(Boolean).map((paragraph) => element("p", {}, ...marked(paragraph)));
}

function marked(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)]+\))/).map((part) => {
    const link = /^\[([^\]]+)\]\((https:\/\/[^)]+)\)$/.exec(part);
    if (link) return element("a", { href: link[2], rel: "noreferrer" }, link[1]);
    if (part.startsWith("`")) return element("code", {}, part.slice(1, -1));
    if (part.startsWith("**")) return element("strong", {}, part.slice(2, -2));
    return part;
  });
}
