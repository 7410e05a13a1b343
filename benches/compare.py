#!/usr/bin/env python3
"""Runs our program and its PyTorch peer in turn on the same job and prints the ratios.

    python3 benches/compare.py --data-dir DIR [--job epochs|job|peers|all]
    python3 benches/compare.py --data-dir DIR --job full              # every weight learned, ours and in PyTorch
    python3 benches/compare.py --data-dir DIR --job instructions      # needs valgrind

`peers` is an epoch at 32,000 units in PyTorch and JAX, in f32 and bf16, with and without cached pre-activations.
`instructions` counts what a processor carries out for an epoch rather than the time, which depends on the day; valgrind knows no
AVX-512 and no AMX, so all programs take their AVX2 code.

Needs the official MNIST files in DIR/mnist/. Makes a virtual environment with pinned versions below
`target/`, builds the release programs, and writes every raw result to benches/runs/<date>-<machine>/.
"""

import argparse
import datetime
import gzip
import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(os.environ.get("BL_PEER_VENV", ROOT / "target" / "peers"))
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
LR = "0.02"
PIXELS = "images-pixels" # what the peers compute: no filters in front


def run(command, **options):
    print("  $", " ".join(Path(part).name if "/" in str(part) else str(part) for part in command), file=sys.stderr)
    return subprocess.run([str(part) for part in command], check=True, text=True, **options)


def keeper(name):
    """Results that are kept in the runs' folder as they come: a function that computes what is not there yet, and where they are."""
    path = runs_folder() / name
    results = json.loads(path.read_text())["results"] if path.exists() else {}

    def keep(key, compute):
        if key not in results:
            results[key] = compute()
            kept = {"machine": machine(), "date": str(datetime.date.today()), "results": results}
            path.write_text(json.dumps(kept, indent=1) + "\n")
        return results[key]

    return keep, path


def set_up():
    """Programs and peers; `BL_BUILT=1` takes the programs as they are."""
    if "BL_BUILT" not in os.environ:
        run(["cargo", "build", "--release", "--bin", "bl-adapt", "--bin", "bl-run"], cwd=ROOT)
    python = VENV / "bin" / "python"
    if not python.exists():
        run([sys.executable, "-m", "venv", VENV])
        run([python, "-m", "pip", "install", "-q", "-r", ROOT / "benches/peers/requirements.txt"])
    return python


def report(command):
    """What a program says, without the place of its file on this machine."""
    said = json.loads(run(command, stdout=subprocess.PIPE).stdout)
    said.pop("adapter", None)
    return said


def ours(data, width, epochs, out):
    command = [TARGET / "release/bl-adapt", "train", "--task", "mnist", "--data-dir", data, "--width", width]
    command += ["--backbone", PIXELS, "--epochs", epochs, "--lr", LR, "--schedule", "cosine", "--out", out, "--license", "MIT", "--json", "--quiet"]
    return report(command)


def bias_in(program, data, backbone, epochs, *options):
    """The command of the same job elsewhere; `program` is pytorch or jax."""
    command = [VENV / "bin/python", ROOT / f"benches/peers/{program}_bias.py", "--data", data, "--lr", LR]
    return [*command, "--backbone", backbone, "--epochs", epochs, "--schedule", "cosine", *options]


def peer(data, backbone, epochs, *options, program="pytorch"):
    command = bias_in(program, Path(data) / "mnist", backbone, epochs, *options)
    return report(command)


def new_backbone(work, width):
    backbone = work / f"backbone-{width}.safetensors"
    new = [TARGET / "release/bl-adapt", "backbone", "new", "--spec", PIXELS, "--width", width, "--out", backbone, "--quiet"]
    run(new, stdout=subprocess.DEVNULL)
    return backbone


def one_image(adapter):
    command = [TARGET / "release/bl-run", "bench", "--adapter", adapter, "--json", "--quiet"]
    return report(command)


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
    name = re.sub(r"\(r\)| processor", "", machine()["cpu"].lower()).strip().replace(" ", "-")
    folder = ROOT / "benches/runs" / f"{datetime.date.today()}-{name}-{os.cpu_count()}-cores"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write(folder, name, rows):
    result = {"machine": machine(), "date": str(datetime.date.today()), "rows": rows}
    (folder / f"compare-{name}.json").write_text(json.dumps(result, indent=1) + "\n")


def all_peers(data, work, folder):
    """Every peer's epoch, ours before the first and after the last, the fastest epoch of each."""
    width, epochs = 32_000, 2
    backbone = new_backbone(work, width)
    mine = lambda: {"ours": True} | ours(data, width, epochs, work / "peers.safetensors")
    rows = [mine()]
    for cached in [[], ["--cached"]]:
        for program in ["pytorch", "jax"]:
            for precision in ["f32", "bf16"]:
                options = [*cached, "--precision", precision]
                rows.append(peer(data, backbone, epochs, *options, program=program))
                write(folder, "peers", rows)
    rows += [peer(data, backbone, epochs, "--cached", "--precision", "bf16", "--compile"), mine()]
    write(folder, "peers", rows)
    ours_seconds = min(row["epoch_seconds"] for row in rows if "ours" in row)
    print("\n| | epoch | ours is faster by | test accuracy |\n|---|---|---|---|")
    for row in rows:
        if "ours" in row:
            print(f"| ours | {row['epoch_seconds']:.3g} s | | {row['test_accuracy']:.4f} |")
            continue
        what = [row["program"], row["precision"]]
        what += ["`B x` cached"] * row["cached"] + ["compiled"] * row.get("compiled", False)
        seconds = row["fastest_epoch_seconds"]
        factor = f"{seconds / ours_seconds:.3g} ×"
        print(f"| {', '.join(what)} | {seconds:.3g} s | {factor} | {row['test_accuracy']:.4f} |")


def fully_trained(data, work, folder):
    """An epoch in which every weight is learned, ours before and after PyTorch's."""
    rows = []
    for width in [1_000, 10_000]:
        command = [TARGET / "release/bl-adapt", "train", "--task", "mnist", "--data-dir", data, "--method", "full", "--backbone", PIXELS]
        command += ["--width", width, "--epochs", 3, "--lr", "0.001", "--schedule", "constant"]
        command += ["--json", "--quiet"]
        mine = lambda i: report([*command, "--out", work / f"full-{i}.safetensors"])
        theirs = [VENV / "bin/python", ROOT / "benches/peers/pytorch_methods.py", "full", "--units", width]
        theirs += ["--epochs", 3, "--lr", "0.001", "--data", Path(data) / "mnist"]
        before = mine(1)
        of_peers = [report([*theirs, "--precision", precision]) for precision in ["f32", "bf16"]]
        rows.append({"width": width, "ours": [before, mine(2)], "pytorch": of_peers})
        write(folder, "full", rows)
    print("\n| units | program | epoch | PyTorch / ours | test accuracy |\n|---|---|---|---|---|")
    for row in rows:
        ours_seconds = min(run["epoch_seconds"] for run in row["ours"])
        print(f"| {row['width']:,} | ours, f32 | {ours_seconds:.3g} s | | {row['ours'][0]['test_accuracy']:.4f} |")
        for peer in row["pytorch"]:
            seconds = peer["fastest_epoch_seconds"]
            name = f"{peer['program']}, {peer['precision']}"
            print(f"| | {name} | {seconds:.3g} s | {seconds / ours_seconds:.2f} × | {peer['test_accuracy']:.4f} |")


def instructions_of(command):
    count = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    one_thread = os.environ | {"RAYON_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # a thread that waits would be counted
    one_thread.pop("BL_DATA_DIR", None)
    words = run([*count, *command], env=one_thread, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE).stderr
    line = next(line for line in words.splitlines() if "refs:" in line)
    return int(line.split()[-1].replace(",", ""))


def first_images(data, folder, train=1536, test=100):
    """The beginning of the official files, for programs that run fifty times slower than they should."""
    folder.mkdir(exist_ok=True)
    for name, count in [("train-images-idx3", train), ("train-labels-idx1", train), ("t10k-images-idx3", test), ("t10k-labels-idx1", test)]:
        with gzip.open(Path(data) / f"mnist/{name}-ubyte.gz") as file:
            raw = file.read()
        head, rest = 4 + 4 * raw[3], len(raw) - 4 - 4 * raw[3]
        each = rest // int.from_bytes(raw[4:8], "big")
        with gzip.open(folder / f"{name}-ubyte.gz", "wb") as file:
            file.write(raw[:4] + count.to_bytes(4, "big") + raw[8 : head + count * each])
    return folder


def count_instructions(data, work, folder):
    """Instructions of an epoch of 60,000 images: those of more steps or epochs, less those of fewer."""
    width, images = 10_000, 60_000
    backbone, few = new_backbone(work, width), first_images(data, work / "few")

    def ours_of(epochs):  # on the 5,000 images that the program holds
        command = [TARGET / "release/bl-adapt", "train", "--task", "mnist", "--backbone", PIXELS, "--width", width, "--epochs", epochs, "--lr", LR]
        command += ["--license", "MIT", "--out", work / f"counted-{epochs}.safetensors", "--json", "--quiet"]
        return command

    of_ours = (instructions_of(ours_of(5)) - instructions_of(ours_of(1))) / (4 * 5_000) * images
    rows = [{"program": "ours", "instructions": of_ours}]
    for cached in [[], ["--cached"]]:
        for precision in ["f32", "bf16"]:
            of = lambda steps: bias_in("pytorch", few, backbone, 1, *cached, "--precision", precision, "--steps", steps)
            more = (instructions_of(of(3)) - instructions_of(of(1))) / (2 * 512) * images
            rows.append({"program": "pytorch", "precision": precision, "cached": bool(cached), "instructions": more})
            write(folder, "instructions", rows)
    print("\n| | instructions of an epoch | of ours |\n|---|---|---|")
    for row in rows:
        name = row["program"] + (f", {row['precision']}" + ", `B x` cached" * row["cached"] if "cached" in row else "")
        print(f"| {name} | {row['instructions']:.3g} | {row['instructions'] / of_ours:.3g} × |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", default=os.environ.get("BL_DATA_DIR"), required="BL_DATA_DIR" not in os.environ)
    jobs = ["epochs", "job", "peers", "full", "instructions", "all"]
    parser.add_argument("--job", choices=jobs, default="all")
    args = parser.parse_args()
    set_up()
    folder = runs_folder()
    work = TARGET / "compare"
    work.mkdir(exist_ok=True)
    others = {"peers": all_peers, "full": fully_trained, "instructions": count_instructions}
    if args.job in others:
        others[args.job](args.data_dir, work, folder)
    else:
        against_pytorch(args, work, folder)
    print(f"\nraw results: {folder.relative_to(ROOT)}")


def against_pytorch(args, work, folder):
    """Epochs at two widths and the whole job, with the latency of one image."""
    jobs = []
    if args.job in ("epochs", "all"):
        # PyTorch first and last, so that a machine that slows down or speeds up shows.
        jobs += [(10_000, 5, False), (10_000, 5, True), (32_000, 3, False)]
    if args.job in ("job", "all"):
        jobs += [(32_000, 20, False)]
    rows = []
    for width, epochs, cached in jobs:
        backbone = new_backbone(work, width)
        adapter = work / f"mnist-{width}.safetensors"
        theirs = peer(args.data_dir, backbone, epochs, *["--cached"] * cached)
        mine = ours(args.data_dir, width, epochs, adapter)
        mine["bench"] = one_image(adapter)
        rows.append({"width": width, "epochs": epochs, "cached": cached, "ours": mine, "pytorch": theirs})
        write(folder, args.job, rows)

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


if __name__ == "__main__":
    main()
