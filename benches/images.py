#!/usr/bin/env python3
"""Accuracy on images against the number of learned parameters: biases and gains behind the shared backbone, and others.

    python3 benches/images.py --data-dir DIR [--task kmnist]

Settings of every peer are chosen on the last sixth of the training images, the test set is used once. Each result goes to
benches/runs/<date>-<machine>/images-peers.json as it ends; one that is there already is not computed again. The picture goes to
docs/images-peers-<task>.svg.
"""

import argparse
import datetime
import json
import os
import subprocess
import sys
from pathlib import Path

from accuracy import train
from compare import ROOT, TARGET, VENV, machine, run, runs_folder, set_up

WIDTHS = [100, 320, 1000, 3200, 10_000, 32_000]
METHODS = ["bias", "gain", "bias+gain"]
LAMS = ["1e-7", "1e-6", "1e-5", "1e-4", "1e-3"]
NAMES = {"bias": "biases (ours)", "gain": "gains (ours)", "bias+gain": "biases and gains (ours)", "full": "dense, everything learned (ours)",
         "cnn": "small CNN, everything learned", "rrf": "random receptive fields, readout learned",
         "rbf": "random Fourier features, readout learned", "logistic": "logistic regression"}  # fmt: skip


def peer(data, model, *options):
    command = [VENV / "bin/python", ROOT / "benches/peers/images.py", model, "--data", data, *options]
    return json.loads(run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)


def best(found):
    return max(found["validation"], key=found["validation"].get)


def rows(task, data_dir, out):
    """Names of results, and how each is computed."""
    data = f"{data_dir}/{task}"

    def ours(method, *options):
        found = train(data_dir, task, 1, out, ["--method", method, *options])
        return {"learned": found["trainable_parameters"], "test": found["test_accuracy"], "seconds": found["seconds"]["total"]}

    def theirs(model, size, *options):
        found = peer(data, model, "--size", size, *options)
        return {"learned": found["learned"], "test": next(iter(found["test"].values())), "seconds": found["seconds"], "settings": options}

    def with_ridge(model, size, *fixed):
        lam = best(peer(data, model, "--size", size, *fixed, "--validate", "--lam", *LAMS))
        return theirs(model, size, *fixed, "--lam", lam)

    def cnn(size):
        rates = ["0.001", "0.003", "0.01"]
        lr = max(rates, key=lambda lr: max(peer(data, "cnn", "--size", size, "--lr", lr, "--epochs", 4, "--validate")["validation"].values()))
        return theirs("cnn", size, "--lr", lr, "--epochs", 15)

    def rbf(size):
        gammas = ["0.005", "0.02", "0.05"]
        tried = {gamma: peer(data, "rbf", "--size", size, "--gamma", gamma, "--validate", "--lam", "1e-5", "1e-4") for gamma in gammas}
        gamma = max(gammas, key=lambda gamma: max(tried[gamma]["validation"].values()))
        return theirs("rbf", size, "--gamma", gamma, "--lam", best(tried[gamma]))

    for width in WIDTHS:
        for method in METHODS:
            yield f"{method} {width}", lambda m=method, w=width: ours(m, "--width", str(w), "--epochs", "150" if w < 32_000 else "70")
        yield f"full {width}", lambda w=width: ours("full", "--match-parameters", str(max(w, 1200)))
    for size in [100, 320, 1000, 3200]:
        yield f"rrf {size}", lambda n=size: with_ridge("rrf", n)
        yield f"rbf {size}", lambda n=size: rbf(n)
    yield "logistic 1", lambda: theirs("logistic", 1)
    for size in [2, 4, 8, 16]:
        yield f"cnn {size}", lambda n=size: cnn(n)


def draw(results, task, path):
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    plt.rcParams["svg.hashsalt"] = "bias-adapters"
    figure, axes = plt.subplots(figsize=(8, 5))
    for model, name in NAMES.items():
        of = sorted((row["learned"], row["test"]) for key, row in results.items() if key.split()[0] == model)
        if of:
            style = "-o" if "ours" in name else "--s"
            axes.plot(*zip(*of), style, label=name, markersize=4, linewidth=1.5)
    axes.set(xscale="log", xlabel="learned parameters", ylabel=f"test accuracy, {task.upper()}", ylim=(0.4, 1.0))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", default=os.environ.get("BL_DATA_DIR"), required="BL_DATA_DIR" not in os.environ)
    parser.add_argument("--task", default="kmnist")
    args = parser.parse_args()
    python = set_up()
    if Path(sys.prefix) != VENV.resolve():  # matplotlib is there
        os.execv(python, [python, __file__, *sys.argv[1:]])
    path = runs_folder() / "images-peers.json"
    out = TARGET / "compare" / "images.safetensors"
    out.parent.mkdir(exist_ok=True)
    all_results = json.loads(path.read_text())["results"] if path.exists() else {}
    results = all_results.setdefault(args.task, {})
    for name, compute in rows(args.task, args.data_dir, out):
        if name not in results:
            results[name] = compute()
            print(args.task, name, results[name], flush=True)
            kept = {"machine": machine(), "date": str(datetime.date.today()), "results": all_results}
            path.write_text(json.dumps(kept, indent=1) + "\n")
    draw(results, args.task, ROOT / "docs" / f"images-peers-{args.task}.svg")
    print(f"raw results: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
