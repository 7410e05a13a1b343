#!/usr/bin/env python3
"""Trains the tasks of images and texts at their default configuration, by every method, and prints the tables of README and docs/methods.md.

    python3 benches/accuracy.py --data-dir DIR [--seeds 3] [--jobs bias,methods,full,cifar10,text,fig2]

At 32,000 units (the default) and at 10,000 with 150 epochs, where an epoch takes a third of the time. Each run goes to
benches/runs/<date>-<machine>/accuracy.json as it ends; one that is there already is not trained again.
"""

import argparse
import datetime
import json
import os
import statistics
import subprocess

from compare import ROOT, TARGET, machine, run, runs_folder

SETS = ["mnist", "kmnist", "fashion", "kannada"]
SCRIPTS = ["ethiopic", "vai", "osmanya", "nko"]
WIDTHS = {32000: [], 10000: ["--width", "10000", "--epochs", "150"]}
TEXTS = ["snips", "trec", "sst2", "clinc150", "banking77"]
METHODS = ["mask", "gain", "bias+gain"]
FIG2 = ["--backbone", "paper-fig2", "--epochs", "30", "--lr", "0.01", "--schedule", "constant"]


def train(data, task, seed, out, options):
    command = [TARGET / "release/bl-adapt", "train", "--task", task, "--data-dir", data, "--seed", seed]
    command += ["--out", out, "--json", "--quiet", *options]
    report = json.loads(run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)
    report.pop("adapter", None)  # a place on this machine
    return report


def spread(values):
    sd = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.mean(values):.4f} ± {sd:.4f}" if len(values) > 1 else f"{values[0]:.4f}"


def plan(jobs, seeds):
    """What is trained: (task, method, width) and its options, for how many seeds."""
    rows = []
    if "bias" in jobs:
        rows += [(task, "bias", width, of, seeds) for task in SETS + SCRIPTS for width, of in WIDTHS.items()]
    if "methods" in jobs:
        for method in METHODS:
            for width, of in WIDTHS.items():
                rows += [(task, method, width, ["--method", method, *of], seeds) for task in SETS]
    if "full" in jobs:
        full = ["--method", "full"]
        for width in WIDTHS:
            few = [*full, "--match-parameters", str(width)]
            rows += [(task, "full, as many parameters", width, few, seeds) for task in SETS]
        rows += [(task, "full, same size", 10000, [*full, "--width", "10000"], 1) for task in SETS]
        rows += [("kmnist", "full, same size", 32000, full, 1)]
    if "cifar10" in jobs:
        for method in ["bias", "gain", "bias+gain"]:
            rows += [("cifar10", method, 32000, ["--method", method], seeds)]
    if "text" in jobs:
        for method in ["bias", *METHODS]:
            rows += [(task, method, width, ["--method", method, "--width", str(width)], seeds) for task in TEXTS for width in WIDTHS]
        rows += [("languages", method, 10000, ["--method", method], 1) for method in ["bias", "bias+gain"]]
    if "fig2" in jobs:
        rows += [("mnist", "figure 2", 10000, FIG2, seeds)]
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", default=os.environ.get("BL_DATA_DIR"), required="BL_DATA_DIR" not in os.environ)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--jobs", default="bias,methods,full,cifar10,text,fig2")
    args = parser.parse_args()
    run(["cargo", "build", "--release", "--bin", "bl-adapt"], cwd=ROOT)
    path = runs_folder() / "accuracy.json"
    out = TARGET / "compare" / "accuracy.safetensors"
    out.parent.mkdir(exist_ok=True)

    reports = json.loads(path.read_text())["runs"] if path.exists() else {}
    rows = plan(args.jobs.split(","), args.seeds)
    for seed in range(1, args.seeds + 1):
        for task, method, width, options, seeds in rows:
            key = f"{task} {method} {width} {seed}"
            if key in reports or seed > seeds:
                continue
            reports[key] = train(args.data_dir, task, seed, out, options)
            result = {"machine": machine(), "date": str(datetime.date.today()), "runs": reports}
            path.write_text(json.dumps(result, indent=1) + "\n")
            print(key, reports[key]["test_accuracy"], flush=True)

    print("\n| task | method | units | trained | test accuracy | seconds |\n|---|---|---|---|---|---|")
    for task, method, width, _, seeds in rows:
        of = [reports[f"{task} {method} {width} {seed}"] for seed in range(1, seeds + 1)]
        accuracy = spread([report["test_accuracy"] for report in of])
        seconds = statistics.median(report["seconds"]["total"] for report in of)
        print(f"| {task} | {method} | {width:,} | {of[0]['trainable_parameters']:,} | {accuracy} | {seconds:.0f} |")
    print(f"\nraw results: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
