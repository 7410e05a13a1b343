"""What a user would otherwise take for a chaotic series: an echo state network of reservoirpy, whose readout alone is learned.

    reservoirpy_esn.py [--units 1024] [--seeds 3]

The same task as `bl-adapt train --task lorenz`. Spectral radius, leak, input scale and ridge are chosen on the last fifth of the
training part, for the first seed, and that search is counted apart.
"""

import argparse
import itertools
import json
import time

import numpy as np
import reservoirpy
from lorenz_task import HORIZON, WASHOUT, median_valid, r_squared, split
from reservoirpy.nodes import Reservoir, Ridge

parser = argparse.ArgumentParser()
parser.add_argument("--units", type=int, default=1024)
parser.add_argument("--seeds", type=int, default=3)
args = parser.parse_args()
train, test = split()


def make(seed, sr, lr, input_scaling, ridge):
    return Reservoir(args.units, sr=sr, lr=lr, input_scaling=input_scaling, seed=seed), Ridge(ridge=ridge)


def start_again(reservoir):
    if getattr(reservoir, "initialized", False):
        reservoir.reset()


def fit(model, values):
    reservoir, readout = model
    start_again(reservoir)
    states = reservoir.run(values[:-HORIZON, None])
    readout.fit(states[WASHOUT:], values[HORIZON:, None][WASHOUT:])
    return model


def forecasts(model, values):
    reservoir, readout = model
    start_again(reservoir)
    return np.asarray(readout.run(reservoir.run(values[:-HORIZON, None]))).ravel()[WASHOUT:]


def score(model, values):
    return r_squared(values[HORIZON + WASHOUT :], forecasts(model, values))


def free_run(model, past, samples):
    """What is said of a time goes in when that time has come."""
    reservoir, readout = model
    start_again(reservoir)
    ahead = np.asarray(readout.run(reservoir.run(past[:, None])))[-HORIZON:]
    said = []
    while sum(map(len, said)) < samples:
        said.append(ahead.ravel())
        ahead = np.asarray(readout.run(reservoir.run(ahead)))
    return np.concatenate(said)[:samples]


begin = time.perf_counter()
cut = len(train) * 4 // 5
grid = list(itertools.product([0.9, 1.1], [0.3, 1.0], [0.1, 0.5], [1e-6, 1e-3]))
best = max(grid, key=lambda settings: score(fit(make(1, *settings), train[:cut]), train[cut:]))
search_seconds = time.perf_counter() - begin
runs = []
for seed in range(1, args.seeds + 1):
    begin = time.perf_counter()
    model = fit(make(seed, *best), train)
    seconds = time.perf_counter() - begin
    valid = median_valid(lambda past, samples, model=model: free_run(model, past, samples), test)
    runs.append({"seed": seed, "r2": score(model, test), "free_run_valid_samples": valid, "fit_seconds": seconds})
print(
    json.dumps(
        {
            "program": f"reservoirpy {reservoirpy.__version__}",
            "units": args.units,
            "learned_parameters": args.units + 1,
            "settings": dict(zip(["sr", "lr", "input_scaling", "ridge"], best)),
            "searched": len(grid),
            "search_seconds": search_seconds,
            "runs": runs,
        }
    )
)
