#!/usr/bin/env python3
"""The search behind configs/: settings compared on a held-out sixth of the training sets, never on a test set.

    python3 benches/sweep.py --data-dir DIR [--only front]

Raw results go to benches/runs/<date>-<machine>/sweep.json.
"""

import argparse
import datetime
import json
import os
import subprocess

from compare import ROOT, TARGET, machine, run, runs_folder

GREY, COLOUR = "height = 28, width = 28", "height = 32, width = 32, channels = 3"
DIGITS, SETS = ("mnist", "kmnist"), ("mnist", "kmnist", "fashion")


def local(sigma):
    return f'{{ distribution = "local_normal", sigma = {sigma}, norm = 1.0 }}'


def one_hot(value):
    return f'{{ distribution = "one_hot", value = {value} }}'


def normal(std):
    return f'{{ distribution = "normal", std = {std} }}'


def sparse(inputs, seen):
    return f'{{ distribution = "sparse", density = {seen / inputs:.6f}, std = {seen**-0.5:.6f} }}'


def job(varies, tasks, weights, units=10_000, value=0.2, lr=0.1, epochs=30, input=GREY, front=None, readout=None, options=()):
    readout = readout or one_hot(value)
    return dict(locals())


def behind(varies, tasks, filters, size, grid, seen=None, **more):
    """Weights behind filters: dense, or of some `seen` values for each unit."""
    values = grid * grid * 2 * filters
    weights = normal(round(values**-0.5, 7)) if seen is None else sparse(values, seen)
    front = f'{{ kind = "conv", filters = {filters}, size = {size}, grid = {grid} }}'
    return job(varies, tasks, weights, front=front, **more)


WIDE = {"units": 32_000, "epochs": 50}
CIFAR = {"input": COLOUR, **WIDE, "value": 0.1, "options": ["--flip", "false"]}
JOBS = [
    *[job("readout", DIGITS, local(6.0), value=v, lr=0.06) for v in (0.03, 0.1, 0.2, 0.3)],
    *[job("readout", DIGITS, local(6.0), readout=normal(v), lr=0.06) for v in (0.03, 0.06, 0.1)],
    *[job("rate", DIGITS, local(6.0), lr=lr) for lr in (0.02, 0.1, 0.2)],
    *[job("window", SETS, local(s), lr=0.06) for s in (3.0, 4.5, 6.0, 9.0)],
    job("window", SETS, normal(0.0357), lr=0.06),
    *[job("wide", DIGITS, local(6.0), units=32_000, value=v, lr=lr) for v, lr in ((0.06, 0.06), (0.1, 0.06), (0.1, 0.1), (0.15, 0.1))],
    *[behind("front", SETS, *of) for of in ((22, 4, 5), (22, 5, 5), (22, 7, 5), (22, 9, 5), (16, 5, 6), (32, 5, 4), (64, 7, 4), (64, 7, 3))],
    *[behind("front-weights", SETS, 22, 5, 5, seen) for seen in (20, 60, 275)],
    *[behind("front-rate", SETS, 22, 5, 5, value=v, lr=lr, epochs=100) for v, lr in ((0.2, 0.1), (0.25, 0.1), (0.3, 0.1), (0.25, 0.15))],
    *[behind("front-wide", SETS, 22, 5, 5, value=v, lr=lr, **WIDE) for v, lr in ((0.1, 0.1), (0.1, 0.15), (0.14, 0.1), (0.14, 0.15))],
    *[behind("colour", ("cifar10",), *of, **CIFAR) for of in ((64, 6, 4), (64, 6, 4, 20), (64, 6, 4, 10), (64, 6, 4, 5), (64, 8, 4, 20))],
    *[behind("colour", ("cifar10",), *of, **CIFAR) for of in ((64, 5, 4, 20), (64, 4, 4, 20), (64, 3, 4, 20), (128, 6, 3, 20), (128, 5, 4, 20))],
    *[behind("colour-flip", ("cifar10",), 64, size, 4, 20, **{**CIFAR, "value": value, "epochs": 100, "options": ["--flip"]})
      for size, value in ((3, 0.1), (3, 0.14), (3, 0.18), (4, 0.1), (4, 0.13), (4, 0.18))],
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", default=os.environ.get("BL_DATA_DIR"), required="BL_DATA_DIR" not in os.environ)
    parser.add_argument("--only", help="rows of which this varies")
    args = parser.parse_args()
    run(["cargo", "build", "--release", "--bin", "bl-adapt"], cwd=ROOT)
    folder = runs_folder()
    work = TARGET / "compare"
    work.mkdir(exist_ok=True)
    rows = []
    for of in JOBS:
        if args.only not in (None, of["varies"]):
            continue
        spec = work / "sweep.toml"
        lines = ["seed = 1", f"input = {{ {of['input']} }}"]
        lines += [f"front = {of['front']}"] if of["front"] else []
        lines += [f"layers = [{{ units = {of['units']}, weights = {of['weights']} }}]"]
        lines += [f"readout = {{ outputs = 10, weights = {of['readout']} }}"]
        spec.write_text("\n".join(lines) + "\n")
        for task in of["tasks"]:
            command = [TARGET / "release/bl-adapt", "train", "--task", task, "--data-dir", args.data_dir]
            command += ["--backbone", spec, "--lr", of["lr"], "--epochs", of["epochs"], "--schedule", "cosine", *of["options"]]
            command += ["--val-fraction", 1 / 6, "--out", work / "sweep.safetensors", "--json", "--quiet"]
            report = json.loads(run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)
            found = {key: report[key] for key in ("validation_accuracy", "train_accuracy", "epoch_seconds")}
            rows.append({"task": task, **{key: value for key, value in of.items() if key != "tasks"}, **found})
            result = {"machine": machine(), "date": str(datetime.date.today()), "rows": rows}
            (folder / "sweep.json").write_text(json.dumps(result, indent=1) + "\n")
            print(of["varies"], task, of["units"], of["front"] or "", of["weights"], of["readout"], f"lr {of['lr']}", *of["options"],
                  f"validation {found['validation_accuracy']:.4f}, {found['epoch_seconds']:.3f} s", flush=True)


if __name__ == "__main__":
    main()
