#!/usr/bin/env python3
"""Tests `bl-run serve` from outside: its description, a real client of the protocol, and the page in a browser.

    python3 crates/bl-serve/tests/browser/run.py [--adapters DIR] [--screenshot docs/page.png]

Makes a virtual environment with pinned versions below `target/`, builds the release programs, and trains the adapters
that it needs from the embedded data (under a minute), or takes those of a folder. Without Chromium the page is not
tested: that is said, and an error where CI=true.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from math import pi, sin
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[3]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
VENV = TARGET / "serve-tests"

# Small, for what is tested is the way to the answers. All image tasks have one backbone.
IMAGES = ["--width", "8000", "--epochs", "8"]
TASKS = {
    "mnist": ["--task", "mnist", *IMAGES],
    "ethiopic": ["--task", "ethiopic", *IMAGES],
    "vai": ["--task", "vai", *IMAGES],
    "lorenz": ["--task", "lorenz", "--width", "256", "--epochs", "32"],
    "cosine": ["--task", "cosine"],
    "reach": ["--task", "reach", "--epochs", "300"],
}
OWN = ["--column", "kwh", "--width", "256", "--epochs", "64"]  # a series of one's own, hour by hour
TEXTS = ["--task", "snips", "--epochs", "10"]
OTHER = ["--task", "mnist", *IMAGES, "--seed", "2"]  # to swap with


def run(command, **options):
    print("  $", " ".join(Path(part).name if "/" in str(part) else str(part) for part in command), file=sys.stderr)
    return subprocess.run([str(part) for part in command], check=True, text=True, **options)


def python_with_requirements():
    python = VENV / "bin" / "python"
    wanted = (HERE / "requirements.txt").read_text()
    installed = VENV / "requirements.txt"
    if not installed.exists() or installed.read_text() != wanted:
        run([sys.executable, "-m", "venv", "--clear", VENV])
        run([python, "-m", "pip", "install", "-q", "-r", HERE / "requirements.txt"])
        installed.write_text(wanted)
    return python


def train(arguments, out):
    environment = {name: value for name, value in os.environ.items() if name != "BL_DATA_DIR"}
    command = [TARGET / "release/bl-adapt", "train", *arguments, "--out", out, "--quiet"]
    run(command, env=environment, stdout=subprocess.DEVNULL)


def adapters(given, folder):
    """The folder that is served, a series with a forecaster of it (and a classifier of texts), and another adapter of a name that is served."""
    served, own, other = folder / "adapters", folder / "own", folder / "other" / "mnist.safetensors"
    for made in (served, own, other.parent):
        made.mkdir()
    for name, arguments in TASKS.items():
        out = served / f"{name}.safetensors"
        if given:
            shutil.copyfile(given / out.name, out)
        else:
            train(arguments, out)
    hours = (f"{20 + 5 * sin(hour * pi / 12) + 2 * sin(hour * pi / 84):.3f}" for hour in range(1000))
    series = own / "lorenz.csv"  # a file's name says nothing of what is in it
    series.write_text("\n".join(["kwh", *hours, ""]))
    train(["--task", series, *OWN], own / "kwh.safetensors")
    train(TEXTS, own / "snips.safetensors")
    train(OTHER, other)
    return served, own, other


def has_browser():
    missing = [name for name in ("chromium", "chromedriver") if not shutil.which(name)]
    if not missing:
        return True
    why = f"{' and '.join(missing)} not found (Debian's packages: chromium, chromium-driver)"
    if os.environ.get("CI") == "true":
        sys.exit(f"error: the page cannot be tested: {why}")
    print(f"skipped, because of {why}: the page in a browser")
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--adapters", type=Path, help="folder with " + ", ".join(TASKS) + " in place of training them")
    parser.add_argument("--screenshot", type=Path, help="where to write a screenshot of the page with the shipped adapters")
    args = parser.parse_args()
    browser = has_browser()
    python = python_with_requirements()
    run(["cargo", "build", "--release", "--bin", "bl-adapt", "--bin", "bl-run"], cwd=ROOT)
    with tempfile.TemporaryDirectory() as folder:
        served, own, other = adapters(args.adapters, Path(folder))
        common = ["--bl-run", TARGET / "release/bl-run", "--adapters", served, "--own", own, "--other", other]
        run([python, HERE / "description.py", *common])
        run([python, HERE / "triton.py", *common])
        if browser:
            more = ["--screenshot", args.screenshot.resolve(), "--shipped", ROOT / "adapters"] if args.screenshot else []
            run([python, HERE / "page.py", *common, *more])
    print("the server's description, its client" + (" and its page" if browser else "") + ": all as expected")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: {Path(error.cmd[0]).name} ended with {error.returncode}: {' '.join(map(str, error.cmd))}")
