// Lorenz' system, as the adapters were trained on it, and what is known of its forecasts.

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
