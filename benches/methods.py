#!/usr/bin/env python3
"""The search behind configs/methods/: rates of biases, masks and gains on a held-out sixth of the training sets.

    python3 benches/methods.py --data-dir DIR

On the default backbone at 10,000 units, 30 epochs. Raw results go to benches/runs/<date>-<machine>/methods.json. What the methods
reach at the rates that were chosen is measured by accuracy.py.
"""

import argparse
import datetime
import json
import os

from accuracy import train
from compare import ROOT, TARGET, machine, run, runs_folder

METHODS = ["bias", "mask", "gain", "bias+gain"]
TASKS = ["mnist", "kmnist"]
COMMON = ["--width", "10000", "--epochs", "30", "--val-fraction", "0.1666666667"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", default=os.environ.get("BL_DATA_DIR"), required="BL_DATA_DIR" not in os.environ)
    args = parser.parse_args()
    run(["cargo", "build", "--release", "--bin", "bl-adapt"], cwd=ROOT)
    folder = runs_folder()
    out = TARGET / "compare" / "methods.safetensors"
    out.parent.mkdir(exist_ok=True)
    reports = {}
    for method in METHODS:
        for lr in ["0.01", "0.03", "0.1", "0.3"]:
            for task in TASKS:
                report = train(args.data_dir, task, 1, out, [*COMMON, "--method", method, "--lr", lr])
                reports[f"{method} {lr} {task}"] = report
                print(method, lr, task, f"{report['validation_accuracy']:.4f}", flush=True)
            result = {"machine": machine(), "date": str(datetime.date.today()), "runs": reports}
            (folder / "methods.json").write_text(json.dumps(result, indent=1) + "\n")
    print(f"\nraw results: {folder.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
