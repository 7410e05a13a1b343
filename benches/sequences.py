#!/usr/bin/env python3
"""Trials with a class each: biases, gains and both on one frozen recurrent backbone, beside reservoirpy and MiniRocket.

    python3 benches/sequences.py --data-dir DIR [--seeds 3] [--jobs ours,peers]

DIR has the four sets of the archives UEA and UCR (`sequences/JapaneseVowels` and so on). Ours take the settings of
configs/tasks/trials.toml. The peers are an echo state network of as many units with a trained readout, whose leak and scale are chosen on a
third of the training trials, and MiniRocket (aeon) with its own ridge classifier; they are left out where the package is missing.
Each result goes to benches/runs/<date>-<machine>/sequences.json as it ends; one that is there already is not computed again.
"""

import argparse
import json
import os
import subprocess

from accuracy import spread, train
from compare import ROOT, TARGET, VENV, keeper, run, set_up

SETS = ["japanesevowels", "italypowerdemand", "gunpoint", "osuleaf"]
METHODS = ["bias", "gain", "bias+gain"]
PEERS = ["esn", "minirocket"]


def peer(name, data_dir, task, seed):
    command = [VENV / "bin/python", ROOT / "benches/peers/sequences.py", name, "--data-dir", data_dir, "--task", task, "--seed", seed]
    return json.loads(run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", default=os.environ.get("BL_DATA_DIR"), required="BL_DATA_DIR" not in os.environ)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--jobs", default="ours,peers")
    args = parser.parse_args()
    set_up()
    keep, path = keeper("sequences.json")
    out = TARGET / "compare" / "sequences.safetensors"
    out.parent.mkdir(exist_ok=True)

    rows = []
    for task in SETS:
        of_ours = METHODS if "ours" in args.jobs else []
        of_peers = PEERS if "peers" in args.jobs else []
        for method in of_ours + of_peers:
            found = []
            for seed in range(1, args.seeds + 1):
                if method in METHODS:
                    compute = lambda method=method, seed=seed: train(args.data_dir, task, seed, out, ["--method", method])  # noqa: E731
                else:
                    compute = lambda method=method, seed=seed: peer(method, args.data_dir, task, seed)  # noqa: E731
                found.append(keep(f"{task} {method} {seed}", compute))
            seconds = [of["seconds"]["total"] if method in METHODS else of["seconds"] for of in found]
            learned = found[0].get("trainable_parameters")
            rows.append((task, method, learned, spread([of["test_accuracy"] for of in found]), sum(seconds) / len(seconds)))
    print("\n| set | by | learned numbers | test accuracy | seconds |\n|---|---|---|---|---|")
    for task, method, learned, accuracy, seconds in rows:
        print(f"| {task} | {method} | {learned:,} | {accuracy} | {seconds:.0f} |")
    print(f"\nraw results: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
