// The server's protocol, the Open Inference Protocol, and its refusals as words.

/** What the server says when it says no: `message` is a fact, `hint` is what to do about it. */
export class ServerError extends Error {
  constructor(status, { error, code, hint }) {
    super(error);
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

async function call(path, body) {
  const options = body === undefined ? {} : {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  let response, text;
  try {
    response = await fetch(path, options);
    text = await response.text();
  } catch {
    throw new ServerError(0, { error: "the server does not answer", code: "unreachable", hint: "is `bl-run serve` still running?" });
  }
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = { error: `status ${response.status} without words`, code: "no_json" };
  }
  if (!response.ok) throw new ServerError(response.status, answer);
  return answer;
}

const model = (name) => encodeURIComponent(name);

export const server = () => call("/v2");
export const index = () => call("/v2/repository/index", {});
export const metadata = (name) => call(`/v2/models/${model(name)}`);
export const load = (name, parameters) => call(`/v2/repository/models/${model(name)}/load`, { parameters });
export const unload = (name) => call(`/v2/repository/models/${model(name)}/unload`, {});

/** Asks a model; returns the values of its outputs by name, and the answer's parameters. */
export async function infer(name, request) {
  const { outputs, parameters } = await call(`/v2/models/${model(name)}/infer`, request);
  return { ...Object.fromEntries(outputs.map(({ name, data }) => [name, data])), parameters };
}

/** Makes `ask` run for the latest state only: calls that come while it runs are one more run after it. */
export function oneInFlight(ask) {
  let [running, again] = [false, false];
  return async () => {
    again = true;
    if (running) return;
    running = true;
    try {
      while (again) {
        again = false;
        await ask();
      }
    } finally {
      running = false;
    }
  };
}
