#!/usr/bin/env python3
"""Trains every image task at its default configuration and prints the README's tables.

    python3 benches/accuracy.py --data-dir DIR [--seeds 3]

At 32,000 units (the default) and at 10,000 on the same backbone spec, and the paper's figure 2. Raw results go to
benches/runs/<date>-<machine>/accuracy.json.
"""

import argparse
import datetime
import json
import os
import statistics
import subprocess
from pathlib import Path

from compare import ROOT, TARGET, machine, run, runs_folder

TASKS = ["mnist", "kmnist", "fashion", "kannada", "ethiopic", "vai", "osmanya", "nko"]
FIG2 = ["--backbone", "paper-fig2", "--epochs", "30", "--lr", "0.01", "--schedule", "constant"]


def train(data, task, seed, out, options):
    command = [TARGET / "release/bl-adapt", "train", "--task", task, "--data-dir", data, "--seed", seed]
    command += ["--out", out, "--json", "--quiet", *options]
    return json.loads(run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)


def spread(values):
    sd = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.mean(values):.4f} ± {sd:.4f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", default=os.environ.get("BL_DATA_DIR"), required="BL_DATA_DIR" not in os.environ)
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    run(["cargo", "build", "--release", "--bin", "bl-adapt"], cwd=ROOT)
    folder = runs_folder()
    out = TARGET / "compare" / "accuracy.safetensors"
    out.parent.mkdir(exist_ok=True)

    jobs = [(f"fig2 {seed}", "mnist", seed, FIG2) for seed in range(1, args.seeds + 1)]
    for task in TASKS:
        for seed in range(1, args.seeds + 1):
            jobs.append((f"{task} 32000 {seed}", task, seed, []))
        jobs.append((f"{task} 10000 1", task, 1, ["--width", "10000"]))
    reports = {}
    for key, task, seed, options in jobs:
        reports[key] = train(args.data_dir, task, seed, out, options)
        result = {"machine": machine(), "date": str(datetime.date.today()), "runs": reports}
        (folder / "accuracy.json").write_text(json.dumps(result, indent=1) + "\n")

    seeds = range(1, args.seeds + 1)
    print("\n| task | pictures | 32,000 units | 10,000 units | seconds |\n|---|---|---|---|---|")
    for task in TASKS:
        wide = [reports[f"{task} 32000 {seed}"] for seed in seeds]
        narrow = reports[f"{task} 10000 1"]["test_accuracy"]
        data = wide[0]["dataset"]
        accuracy = spread([report["test_accuracy"] for report in wide])
        seconds = statistics.median(report["seconds"]["total"] for report in wide)
        print(f"| {task} | {data['train']:,} + {data['test']:,} | {accuracy} | {narrow:.4f} | {seconds:.0f} |")
    print(f"\nfigure 2: {spread([reports[f'fig2 {seed}']['test_accuracy'] for seed in seeds])}")
    fingerprints = {reports[f"{task} 32000 {seed}"]["backbone"] for task in TASKS for seed in seeds}
    print(f"backbones: {fingerprints}\nraw results: {folder.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
