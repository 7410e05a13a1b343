#!/usr/bin/env python3
"""The search behind configs/: settings compared on a held-out sixth of the training sets, never on a test set.

    python3 benches/sweep.py --data-dir DIR

10,000 units, 30 epochs, cosine schedule. Raw results go to benches/runs/<date>-<machine>/sweep.json.
"""

import argparse
import datetime
import json
import os
import subprocess

from compare import ROOT, TARGET, machine, run, runs_folder

FIRST = 'input = {{ height = 28, width = 28 }}\nlayers = [{{ units = {units}, weights = {weights} }}]\n'
SPEC = "seed = 1\n" + FIRST + "readout = {{ outputs = 10, weights = {readout} }}\n"


def local(sigma):
    return f'{{ distribution = "local_normal", sigma = {sigma}, norm = 1.0 }}'


def one_hot(value):
    return f'{{ distribution = "one_hot", value = {value} }}'


def dense(std):
    return f'{{ distribution = "normal", std = {std} }}'


NORMAL = '{ distribution = "normal", std = 0.0357 }'
JOBS = [
    # what varies, units, first layer, readout, lr, tasks
    *[("readout", 10_000, local(6.0), one_hot(v), 0.06, ("mnist", "kmnist")) for v in (0.03, 0.1, 0.2, 0.3)],
    *[("readout", 10_000, local(6.0), dense(v), 0.06, ("mnist", "kmnist")) for v in (0.03, 0.06, 0.1)],
    *[("rate", 10_000, local(6.0), one_hot(0.2), lr, ("mnist", "kmnist")) for lr in (0.02, 0.1, 0.2)],
    *[("window", 10_000, local(s), one_hot(0.2), 0.06, ("mnist", "kmnist", "fashion")) for s in (3.0, 4.5, 6.0, 9.0)],
    ("window", 10_000, NORMAL, one_hot(0.2), 0.06, ("mnist", "kmnist", "fashion")),
    *[("wide", 32_000, local(6.0), one_hot(v), lr, ("mnist", "kmnist")) for v, lr in
      ((0.06, 0.06), (0.1, 0.06), (0.1, 0.1), (0.15, 0.1))],
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", default=os.environ.get("BL_DATA_DIR"), required="BL_DATA_DIR" not in os.environ)
    args = parser.parse_args()
    run(["cargo", "build", "--release", "--bin", "bl-adapt"], cwd=ROOT)
    folder = runs_folder()
    work = TARGET / "compare"
    work.mkdir(exist_ok=True)
    rows = []
    for what, units, weights, readout, lr, tasks in JOBS:
        spec = work / "sweep.toml"
        spec.write_text(SPEC.format(units=units, weights=weights, readout=readout))
        for task in tasks:
            command = [TARGET / "release/bl-adapt", "train", "--task", task, "--data-dir", args.data_dir]
            command += ["--backbone", spec, "--lr", lr, "--epochs", 30, "--schedule", "cosine"]
            command += ["--val-fraction", 1 / 6, "--out", work / "sweep.safetensors", "--json", "--quiet"]
            output = run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
            report = json.loads(output)
            rows.append({"varies": what, "units": units, "weights": weights, "readout": readout, "lr": lr,
                         "task": task, "validation_accuracy": report["validation_accuracy"],
                         "train_accuracy": report["train_accuracy"], "epoch_seconds": report["epoch_seconds"]})
            result = {"machine": machine(), "date": str(datetime.date.today()), "rows": rows}
            (folder / "sweep.json").write_text(json.dumps(result, indent=1) + "\n")
            print(f"{what:8} {units} {weights} {readout} lr {lr} {task}: "
                  f"validation {rows[-1]['validation_accuracy']:.4f}, {rows[-1]['epoch_seconds']:.3f} s", flush=True)


if __name__ == "__main__":
    main()
