// Words over the page about what went wrong, or right. One at a time; what is about the same thing is replaced.

const box = document.getElementById("notice");
const words = box.querySelector("p");
let about = null;

function show(topic, text, good) {
  about = topic;
  words.textContent = text;
  box.classList.toggle("good", good);
  box.hidden = false;
}

export const say = (topic, text) => show(topic, text, true);

/** An error, with what to do about it. */
export function complain(topic, error) {
  const hint = error.hint ? ` – ${error.hint}` : "";
  show(topic, `${error.message}${hint}`, false);
  if (error.status === undefined) throw error; // a fault of the page's own: the console has the trace
}

/** What was about this topic has passed. */
export function settle(topic) {
  if (about === topic) box.hidden = true;
}

box.querySelector("button").addEventListener("click", () => { box.hidden = true; });
