#!/usr/bin/env python3
"""What masks and gains reach beside biases, on the default backbone at 10,000 units, 30 epochs.

    python3 benches/methods.py --data-dir DIR [--job sweep|table|all]

`sweep` is the search behind configs/methods/ (accuracy on a held-out sixth of the training sets), `table` the README's
(test accuracy at those settings, three seeds). Raw results go to benches/runs/<date>-<machine>/methods-<job>.json.
"""

import argparse
import datetime
import json
import os

from accuracy import spread, train
from compare import ROOT, TARGET, machine, run, runs_folder

METHODS = ["bias", "mask", "gain", "bias+gain"]
TASKS = ["mnist", "kmnist"]
COMMON = ["--width", "10000", "--epochs", "30"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", default=os.environ.get("BL_DATA_DIR"), required="BL_DATA_DIR" not in os.environ)
    parser.add_argument("--job", choices=["sweep", "table", "all"], default="all")
    args = parser.parse_args()
    run(["cargo", "build", "--release", "--bin", "bl-adapt"], cwd=ROOT)
    folder = runs_folder()
    out = TARGET / "compare" / "methods.safetensors"
    out.parent.mkdir(exist_ok=True)

    jobs = {}
    if args.job in ("sweep", "all"):
        for method in METHODS:
            for lr in ["0.01", "0.03", "0.1", "0.3"]:
                options = ["--method", method, "--lr", lr, "--val-fraction", "0.1666666667"]
                jobs.update({("sweep", method, lr, task): (task, 1, options) for task in TASKS})
    if args.job in ("table", "all"):
        for method in METHODS:
            for task in TASKS:
                jobs.update({("table", method, task, s): (task, s, ["--method", method]) for s in (1, 2, 3)})
    reports = {}
    for key, (task, seed, options) in jobs.items():
        reports[key] = train(args.data_dir, task, seed, out, COMMON + options)
        runs = {" ".join(map(str, key)): report for key, report in reports.items()}
        result = {"machine": machine(), "date": str(datetime.date.today()), "runs": runs}
        (folder / f"methods-{args.job}.json").write_text(json.dumps(result, indent=1) + "\n")

    for key, report in reports.items():
        if key[0] == "sweep":
            print(*key[1:], f"{report['validation_accuracy']:.4f}")
    if args.job != "sweep":
        print("\n| method | learned | MNIST | KMNIST | an epoch |\n|---|---|---|---|---|")
        for method in METHODS:
            of = {task: [reports["table", method, task, seed] for seed in (1, 2, 3)] for task in TASKS}
            accuracies = [spread([report["test_accuracy"] for report in of[task]]) for task in TASKS]
            one = of["mnist"][0]
            print(f"| `{method}` | {one['trainable_parameters']:,} | {' | '.join(accuracies)} | {one['epoch_seconds']:.3f} s |")
    print(f"\nraw results: {folder.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
