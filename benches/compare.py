#!/usr/bin/env python3
"""Runs our program and its PyTorch peer in turn on the same job and prints the ratios.

    python3 benches/compare.py --data-dir DIR [--job epochs|job|all]

Needs the official MNIST files in DIR/mnist/. Makes a virtual environment with pinned versions below
`target/`, builds the release programs, and writes every raw result to benches/runs/<date>-<machine>/.
"""

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(os.environ.get("BL_PEER_VENV", ROOT / "target" / "peers"))
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
LR = "0.02"


def run(command, **options):
    print("  $", " ".join(Path(part).name if "/" in str(part) else str(part) for part in command), file=sys.stderr)
    return subprocess.run([str(part) for part in command], check=True, text=True, **options)


def set_up():
    run(["cargo", "build", "--release", "--bin", "bl-adapt", "--bin", "bl-run"], cwd=ROOT)
    python = VENV / "bin" / "python"
    if not python.exists():
        run([sys.executable, "-m", "venv", VENV])
        run([python, "-m", "pip", "install", "-q", "-r", ROOT / "benches/peers/requirements.txt"])
    return python


def ours(data, width, epochs, out):
    command = [TARGET / "release/bl-adapt", "train", "--task", "mnist", "--data-dir", data, "--width", width]
    command += ["--epochs", epochs, "--lr", LR, "--schedule", "cosine", "--out", out, "--json", "--quiet"]
    return json.loads(run(command, stdout=subprocess.PIPE).stdout)


def peer(python, data, backbone, epochs, cached=False):
    command = [python, ROOT / "benches/peers/pytorch_bias.py", "--data", Path(data) / "mnist", "--lr", LR]
    command += ["--backbone", backbone, "--epochs", epochs, "--schedule", "cosine"] + ["--cached"] * cached
    return json.loads(run(command, stdout=subprocess.PIPE).stdout)


def one_image(adapter):
    command = [TARGET / "release/bl-run", "bench", "--adapter", adapter, "--json", "--quiet"]
    return json.loads(run(command, stdout=subprocess.PIPE).stdout)


def machine():
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return {"cpu": model, "cores": os.cpu_count(), "system": platform.system()}


def runs_folder():
    """Where the raw results of today, on this machine, go."""
    name = machine()["cpu"].lower().replace(" ", "-")
    folder = ROOT / "benches/runs" / f"{datetime.date.today()}-{name}-{os.cpu_count()}-cores"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", default=os.environ.get("BL_DATA_DIR"), required="BL_DATA_DIR" not in os.environ)
    parser.add_argument("--job", choices=["epochs", "job", "all"], default="all")
    args = parser.parse_args()
    python = set_up()
    folder = runs_folder()
    work = TARGET / "compare"
    work.mkdir(exist_ok=True)

    jobs = []
    if args.job in ("epochs", "all"):
        # PyTorch first and last, so that a machine that slows down or speeds up shows.
        jobs += [(10_000, 5, False), (10_000, 5, True), (32_000, 3, False)]
    if args.job in ("job", "all"):
        jobs += [(32_000, 20, False)]
    rows = []
    for width, epochs, cached in jobs:
        backbone = work / f"backbone-{width}.safetensors"
        new = [TARGET / "release/bl-adapt", "backbone", "new", "--width", width, "--out", backbone, "--quiet"]
        run(new, stdout=subprocess.DEVNULL)
        adapter = work / f"mnist-{width}.safetensors"
        theirs = peer(python, args.data_dir, backbone, epochs, cached)
        mine = ours(args.data_dir, width, epochs, adapter)
        mine["bench"] = one_image(adapter)
        rows.append({"width": width, "epochs": epochs, "cached": cached, "ours": mine, "pytorch": theirs})
        result = {"machine": machine(), "date": str(datetime.date.today()), "rows": rows}
        (folder / f"compare-{args.job}.json").write_text(json.dumps(result, indent=1) + "\n")

    print("\n| job | PyTorch | ours | ratio |\n|---|---|---|---|")
    line = lambda what, theirs, mine: print(f"| {what} | {theirs:.4g} s | {mine:.4g} s | {theirs / mine:.1f} × |")
    for row in rows:
        theirs, mine = row["pytorch"], row["ours"]
        kind = ", pre-activations cached in PyTorch too" if row["cached"] else ""
        name = f"{row['width']:,} units{kind}"
        line(f"median epoch, {name}", theirs["epoch_seconds"], mine["epoch_seconds"])
        line(f"whole job, {row['epochs']} epochs, {name}", theirs["seconds"]["total"], mine["seconds"]["total"])
        one = mine["bench"]["backbones"][0]["one_picture"]["both"]["p50_us"] / 1e6
        line(f"one image, {name}", theirs["one_image_seconds"], one)
        print(f"| test accuracy, {name} | {theirs['test_accuracy']:.4f} | {mine['test_accuracy']:.4f} | |")
    print(f"\nraw results: {folder.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
