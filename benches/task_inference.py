#!/usr/bin/env python3
"""How often the surest of several adapters is the one of the task that a picture is from.

    python3 benches/task_inference.py --adapters DIR --data-dir DIR

DIR has an adapter NAME.safetensors for each of the eight image tasks, on one backbone; the test pictures are those of the data folder.
A picture at a time, and ten of one task at a time (the mean of their entropies). Writes
benches/runs/<date>-<machine>/task_inference.json.
"""

import argparse
import json
import subprocess
from pathlib import Path

from compare import TARGET, machine, run, runs_folder

TASKS = ["mnist", "kmnist", "fashion", "kannada", "ethiopic", "vai", "osmanya", "nko"]
TOGETHER = 10

parser = argparse.ArgumentParser()
parser.add_argument("--adapters", type=Path, required=True)
parser.add_argument("--data-dir", type=Path, required=True)
args = parser.parse_args()
adapters = [args.adapters / f"{task}.safetensors" for task in TASKS]


def surest(entropies):
    return TASKS[min(range(len(TASKS)), key=entropies.__getitem__)]


rows = []
for task in TASKS:
    pictures = args.data_dir / task / "t10k-images-idx3-ubyte.gz"
    command = [TARGET / "release/bl-run", "--json", "--quiet", "--adapter", *adapters, "--input", pictures, "--top", "1"]
    inputs = json.loads(run(command, stdout=subprocess.PIPE).stdout)["inputs"]
    alone = [surest(each["entropies"]) for each in inputs]
    together = []
    for first in range(0, len(inputs) - TOGETHER + 1, TOGETHER):
        some = [each["entropies"] for each in inputs[first : first + TOGETHER]]
        together.append(surest([sum(column) for column in zip(*some)]))
    share = lambda guesses: sum(guess == task for guess in guesses) / len(guesses)
    taken_for = {other: alone.count(other) / len(alone) for other in TASKS if other in alone}
    rows.append({"task": task, "pictures": len(inputs), "one": share(alone), "ten": share(together), "taken_for": taken_for})
    print(f"{task:<10} one picture {100 * rows[-1]['one']:.1f} %, ten {100 * rows[-1]['ten']:.1f} %")
mean = {key: sum(row[key] for row in rows) / len(rows) for key in ("one", "ten")}
print(f"mean       one picture {100 * mean['one']:.1f} %, ten {100 * mean['ten']:.1f} %")
path = runs_folder() / "task_inference.json"
path.write_text(json.dumps({"machine": machine(), "tasks": rows, "mean": mean}, indent=1) + "\n")
