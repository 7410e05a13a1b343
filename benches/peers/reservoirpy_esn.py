"""What a user would otherwise take for a chaotic series: an echo state network of reservoirpy, whose readout alone is learned.

    reservoirpy_esn.py [--units 1024] [--seeds 3]

The same trajectory and the same questions as `bl-adapt train --task lorenz`, asked of two networks: one that forecasts 27
samples ahead, and one that forecasts the next sample and then runs freely. Each is tuned on the last fifth of the training
part, for the first seed: the search is counted apart, and the held-out part is used once.
"""

import argparse
import itertools
import json
import time
import warnings

import numpy as np
import reservoirpy
from lorenz_task import HORIZON, WASHOUT, r_squared, split, valid_samples
from reservoirpy.nodes import Reservoir, Ridge
from scipy import linalg

parser = argparse.ArgumentParser()
parser.add_argument("--units", type=int, default=1024)
parser.add_argument("--seeds", type=int, default=3)
args = parser.parse_args()
train, test = split()
GRID = {"sr": [0.9, 1.2], "lr": [0.5, 1.0], "input_scaling": [0.1, 0.5], "ridge": [1e-10, 1e-7]}
NOISE = {HORIZON: [0.0], 1: [0.0, 1e-3]}  # in the state while learning: it keeps a free run on the attractor
warnings.filterwarnings("ignore", category=linalg.LinAlgWarning)  # a small ridge is ill conditioned, and forecasts best


class NoisyReservoir(Reservoir):
    noise = 0.0

    def _step(self, state, x):
        after = super()._step(state, x)["out"]
        return {"out": after + self.noise * self.rng.standard_normal(self.units) if self.noise else after}


class Network:
    """Every unit gets the input, as ours do."""

    def __init__(self, ahead, seed, sr, lr, input_scaling, ridge, noise):
        self.ahead, self.noise = ahead, noise
        shape = {"sr": sr, "lr": lr, "input_scaling": input_scaling, "input_connectivity": 1.0}
        self.reservoir = NoisyReservoir(args.units, seed=seed, **shape)
        self.readout = Ridge(ridge=ridge)

    def start_again(self):
        if getattr(self.reservoir, "initialized", False):
            self.reservoir.reset()

    def fit(self, values):
        self.start_again()
        self.reservoir.noise = self.noise
        states = self.reservoir.run(values[: -self.ahead, None])
        self.reservoir.noise = 0.0
        self.readout.fit(states[WASHOUT:], values[self.ahead :, None][WASHOUT:])
        return self

    def forecasts(self, values):
        self.start_again()
        said = self.readout.run(self.reservoir.run(values[: -self.ahead, None]))
        return np.asarray(said).ravel()[WASHOUT:]

    def r_squared(self, values):
        return r_squared(values[self.ahead + WASHOUT :], self.forecasts(values))

    def free_run(self, past, samples):
        """What is said of a time goes in when that time has come."""
        self.start_again()
        ahead = np.asarray(self.readout.run(self.reservoir.run(past[:, None])))[-self.ahead :]
        said = []
        while sum(map(len, said)) < samples:
            said.append(ahead.ravel())
            ahead = np.asarray(self.readout.run(self.reservoir.run(ahead)))
        return np.concatenate(said)[:samples]

    def valid(self, values):
        return valid_samples(self.free_run, values)


def search(ahead, score):
    begin, cut = time.perf_counter(), len(train) * 4 // 5
    grid = GRID | {"noise": NOISE[ahead]}
    settings = [dict(zip(grid, values)) for values in itertools.product(*grid.values())]
    scores = [score(Network(ahead, 1, **each).fit(train[:cut]), train[cut:]) for each in settings]
    return settings[int(np.nanargmax(scores))], len(settings), time.perf_counter() - begin


def measure(ahead, score):
    best, searched, seconds = search(ahead, score)
    runs = []
    for seed in range(1, args.seeds + 1):
        begin = time.perf_counter()
        network = Network(ahead, seed, **best).fit(train)
        took = time.perf_counter() - begin
        scores = {"r2": network.r_squared(test), "free_run_valid_samples": network.valid(test)}
        runs.append({"seed": seed, **scores, "fit_seconds": took})
    return {"ahead": ahead, "settings": best, "searched": searched, "search_seconds": seconds, "runs": runs}


with np.errstate(all="ignore"):  # a free run that explodes is one that is not valid
    networks = [measure(HORIZON, Network.r_squared), measure(1, Network.valid)]
print(
    json.dumps(
        {
            "program": f"reservoirpy {reservoirpy.__version__}",
            "units": args.units,
            "learned_parameters": args.units + 1,
            "networks": networks,
        }
    )
)
