// Lorenz' system, as the adapters were trained on it; series as text; and what is known of forecasts.

const [SIGMA, RHO, BETA] = [10, 28, 8 / 3];
const STEP = 0.01; // by Euler's method, as in section C.4.2 of Williams et al. (ICLR 2025)
const TRANSIENT = 2000;

/** The system from (0, 1, 0), after its transient. */
export class Lorenz {
  constructor() {
    [this.x, this.y, this.z] = [0, 1, 0];
    for (let step = 0; step < TRANSIENT; step++) this.step();
  }

  step() {
    const { x, y, z } = this;
    this.x += STEP * SIGMA * (y - x);
    this.y += STEP * (x * (RHO - z) - y);
    this.z += STEP * (x * y - BETA * z);
  }
}

/** Values of consecutive samples, of which the last `most` are kept. */
export class Samples {
  constructor(most) {
    [this.first, this.values, this.most] = [0, [], most];
  }

  get end() {
    return this.first + this.values.length;
  }

  at(sample) {
    return this.values[sample - this.first];
  }

  push(value) {
    this.values.push(value);
    if (this.values.length > 2 * this.most) { // now and then, not with every sample
      this.first += this.values.length - this.most;
      this.values = this.values.slice(-this.most);
    }
  }

  last(count) {
    return this.values.slice(-count);
  }
}

/** R² of the pairs `[truth, forecast]`; NaN of fewer than two. */
export function rSquared(pairs) {
  const mean = pairs.reduce((sum, [truth]) => sum + truth, 0) / pairs.length;
  const sum = (of) => pairs.reduce((sum, pair) => sum + of(pair) ** 2, 0);
  return pairs.length < 2 ? NaN : 1 - sum(([truth, forecast]) => truth - forecast) / sum(([truth]) => truth - mean);
}

/** How far a forecast reaches, in words. */
export const ahead = (horizon) => `${horizon} ${horizon === 1 ? "sample" : "samples"} ahead`;

/** A time between samples in words: of seconds, in the largest unit of which it is a whole number. */
export function span(time, unit) {
  if (unit !== "s") return `${time}`;
  const units = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const [of, name] = units.find(([of]) => time % of === 0) ?? units.at(-1);
  return `${time / of} ${name}`;
}

/** A free run beside the truth as it comes: valid until it is further from it than `tolerance`. */
export class FreeRun {
  constructor(start, values, tolerance) {
    Object.assign(this, { start, values, tolerance, valid: 0, left: false });
  }

  get isOver() {
    return this.left || this.valid >= this.values.length;
  }

  compare(truth) {
    while (!this.isOver && this.start + this.valid < truth.end) {
      const error = Math.abs(this.values[this.valid] - truth.at(this.start + this.valid));
      if (error <= this.tolerance) this.valid += 1;
      else this.left = true;
    }
  }
}

const isNumber = (cell) => cell !== "" && Number.isFinite(Number(cell));

/** The values of a column of text, one a line, and its name if it has one; of several columns, the one that is `wanted`. */
export function column(text, wanted) {
  const cells = (line) => line.split(/[;\t]/.test(line) ? /[;\t]/ : ",").map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
  const rows = text.trim().split(/\r?\n/).map(cells);
  const names = rows[0].some(isNumber) ? null : rows[0];
  const at = rows[0].length === 1 ? 0 : (names?.indexOf(wanted) ?? -1);
  if (text.trim() === "") throw refused("there are no samples", "one a line");
  if (at < 0) throw refused(`the text has ${rows[0].length} columns`, wanted ? `expected one, or one of the name ${wanted}` : "expected one");
  const values = rows.slice(names ? 1 : 0).map((row) => row[at] ?? "");
  const bad = values.findIndex((value) => !isNumber(value));
  if (bad >= 0) throw refused(`line ${bad + (names ? 2 : 1)} has “${values[bad]}”`, "expected a number");
  return { values: values.map(Number), name: names?.[at] };
}

const refused = (message, hint) => Object.assign(new Error(message), { hint, status: 0 });
