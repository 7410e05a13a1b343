#!/usr/bin/env python3
"""The task `lorenz` beside what else one could do, on this machine, one after another: bl-adapt, the same in PyTorch, and an
echo state network of reservoirpy.

    python3 benches/recurrent.py [--quick]

Needs network access once, to make a virtual environment for the peers. Writes benches/runs/<date>-<machine>/recurrent.json.
"""

import argparse
import json
import subprocess
import sys

from compare import ROOT, TARGET, machine, run, runs_folder, set_up

parser = argparse.ArgumentParser()
parser.add_argument("--quick", action="store_true", help="256 units, one seed")
args = parser.parse_args()
python = set_up()
units, seeds = (256, 1) if args.quick else (1024, 3)


def json_of(*command):
    return json.loads(run(command, stdout=subprocess.PIPE).stdout)


def ours(seed, folder):
    command = [TARGET / "release/bl-adapt", "train", "--task", "lorenz", "--width", units, "--seed", seed]
    report = json_of(*command, "--out", folder / f"lorenz-{seed}.safetensors", "--json", "--quiet")
    return report | {"adapter": f"lorenz-{seed}.safetensors"}


def main():
    peers, folder = ROOT / "benches/peers", runs_folder()
    step = ["--units", units, "--repeats", 20]
    result = {
        "machine": machine(),
        "step": {
            "ours": "cargo bench -p bl-benches --bench recurrent",
            "pytorch": json_of(python, peers / "pytorch_rnn.py", *step),
        },
        "ours": [ours(seed, TARGET) for seed in range(1, seeds + 1)],
        "pytorch": json_of(python, peers / "pytorch_lorenz.py", "--units", units, "--epochs", 1),
        "echo state network": json_of(python, peers / "reservoirpy_esn.py", "--units", units, "--seeds", seeds),
    }
    path = folder / "recurrent.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    print(path, file=sys.stderr)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
