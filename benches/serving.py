#!/usr/bin/env python3
"""Swapping, mixing and serving tasks: ours beside PEFT in PyTorch, one after the other on this machine.

    python3 benches/serving.py [--adapter FILE] [--seconds 1]

Without an adapter, one is learned on the embedded sample. Needs network access once, to make a virtual environment for the peer.
Writes benches/runs/<date>-<machine>/serving.json.
"""

import argparse
import json
import subprocess

from compare import ROOT, TARGET, machine, run, runs_folder, set_up

parser = argparse.ArgumentParser()
parser.add_argument("--adapter")
parser.add_argument("--seconds", default="1")
args = parser.parse_args()
python = set_up()


def json_of(*command):
    return json.loads(run(command, stdout=subprocess.PIPE).stdout)


def ours():
    adapter = args.adapter or TARGET / "serving.safetensors"
    if not args.adapter:
        run([TARGET / "release/bl-adapt", "train", "--task", "mnist", "--out", adapter, "--quiet"], stdout=subprocess.DEVNULL)
    command = [TARGET / "release/bl-run", "bench", "--adapter", adapter, "--server", "--seconds", args.seconds]
    report = json_of(*command, "--json", "--quiet")
    for backbone in report["backbones"]:
        backbone["adapters"] = ["mnist.safetensors"]
    return report


result = {
    "machine": machine(),
    "ours": ours(),
    "peft": json_of(python, ROOT / "benches/peers/peft_swap.py", "--seconds", args.seconds),
}
path = runs_folder() / "serving.json"
path.write_text(json.dumps(result, indent=1) + "\n")
print(path)
