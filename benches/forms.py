#!/usr/bin/env python3
"""What the forms of an adapter cost: f16, i8, without units, blended.

    python3 benches/forms.py --data-dir DIR [--job forms|blends|all]

`forms` trains on five sets at 10,000 units, 30 epochs, and on MNIST at the default width and epochs, and on Lorenz' system;
measures each as f32, f16 and i8, without dead units, and without units of little task variance. `blends` goes along the
line between two seeds of MNIST, and between MNIST and KMNIST, both on one backbone. Raw results go to
benches/runs/<date>-<machine>/forms-<job>.json. Latencies are those of a machine that does other work too.
"""

import argparse
import datetime
import json
import os
import subprocess

from accuracy import train
from compare import ROOT, TARGET, machine, run, runs_folder

ADAPT = TARGET / "release/bl-adapt"
FOLDER = TARGET / "compare"
SMALL = ["--width", "10000", "--epochs", "30"]
TASKS = ["mnist", "kmnist", "fashion", "kannada", "ethiopic"]
THRESHOLDS = ["0.001", "0.01", "0.03", "0.1"]
STEPS = [step / 10 for step in range(11)]


def adapt(data, *command):
    """The JSON of a command, without the paths of this machine."""
    command = [ADAPT, *command, "--json", "--quiet"]
    output = run(command, stdout=subprocess.PIPE, env={**os.environ, "BL_DATA_DIR": str(data)}).stdout
    report = json.loads(output)
    return {key: value for key, value in report.items() if key not in ("adapter", "out")}


def forms(data, options):
    results = {}
    for name, (task, settings) in options.items():
        adapter, out = FOLDER / f"forms-{name}.safetensors", FOLDER / "forms-out.safetensors"
        train(data, task, 1, adapter, settings)
        encoded = {to: adapt(data, "convert", "--to", to, adapter, "--out", out) for to in ("f16", "i8")}
        results[name] = {"settings": settings, **encoded}
        if task in TASKS:
            pruned = {"dead": adapt(data, "prune", adapter, "--out", out)}
            for most in THRESHOLDS:
                pruned[most] = adapt(data, "prune", adapter, "--out", out, "--threshold", most)
            results[name]["pruned"] = pruned
    return results


def blends(data):
    files = {}
    for name, task, seed in [("mnist", "mnist", 1), ("mnist, seed 2", "mnist", 2), ("kmnist", "kmnist", 1)]:
        files[name] = FOLDER / f"blends-{task}-{seed}.safetensors"
        train(data, task, seed, files[name], SMALL)
    out = FOLDER / "blend.safetensors"
    lines = {}
    for first, other, tasks in [("mnist", "mnist, seed 2", ["mnist"]), ("mnist", "kmnist", ["mnist", "kmnist"])]:
        for share in STEPS:
            parts = [f"{files[first]}={1 - share:.1f}", f"{files[other]}={share:.1f}"]
            adapt(data, "blend", *parts, "--out", out)
            accuracy = {task: adapt(data, "eval", "--adapter", out, "--task", task)["accuracy"] for task in tasks}
            lines.setdefault(f"{first} to {other}", []).append({"share_of_the_other": share, "accuracy": accuracy})
    return lines


def print_forms(results):
    print("\n| adapter | f32 | f16 | i8 | bytes f32 | f16 | i8 |\n|---|---|---|---|---|---|---|")
    for name, found in results.items():
        half, byte = found["f16"], found["i8"]
        value = lambda report, when: 100 * report["measured"][when][0]["value"]
        figures = [value(half, "before"), value(half, "after"), value(byte, "after")]
        sizes = [half["bytes"]["before"], half["bytes"]["after"], byte["bytes"]["after"]]
        print(f"| {name} |", *(f"{x:.2f} |" for x in figures), *(f"{size:,} |" for size in sizes))
    print("\n| adapter | dropped | units kept | accuracy | bytes | one picture | alone |\n|---|---|---|---|---|---|---|")
    for name, found in results.items():
        for most, report in found.get("pruned", {}).items():
            one, after = report["one_picture"], report["measured"]["after"][0]["value"]
            kept, size = f"{report['kept']:,} of {report['units']:,}", f"{report['bytes']['after']:,}"
            times = f"{one['backbone_us']:.0f} µs | {one['compact_us']:.0f} µs"
            print(f"| {name} | {most} | {kept} | {100 * after:.2f} | {size} | {times} |")


def print_blends(lines):
    for name, line in lines.items():
        for task in line[0]["accuracy"]:
            print(f"{name}, accuracy on {task}:", *(f"{100 * point['accuracy'][task]:.2f}" for point in line))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", default=os.environ.get("BL_DATA_DIR"), required="BL_DATA_DIR" not in os.environ)
    parser.add_argument("--job", choices=["forms", "blends", "all"], default="all")
    args = parser.parse_args()
    run(["cargo", "build", "--release", "--bin", "bl-adapt"], cwd=ROOT)
    folder = runs_folder()
    FOLDER.mkdir(exist_ok=True)

    def keep(job, runs):
        result = {"machine": machine(), "date": str(datetime.date.today()), "runs": runs}
        (folder / f"forms-{job}.json").write_text(json.dumps(result, indent=1) + "\n")

    if args.job in ("forms", "all"):
        options = {f"{task} 10,000": (task, SMALL) for task in TASKS}
        options |= {"mnist 32,000": ("mnist", []), "lorenz 1,024 (R²)": ("lorenz", [])}
        results = forms(args.data_dir, options)
        keep("table", results)
        print_forms(results)
    if args.job in ("blends", "all"):
        lines = blends(args.data_dir)
        keep("blends", lines)
        print_blends(lines)
    print(f"\nraw results: {folder.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
