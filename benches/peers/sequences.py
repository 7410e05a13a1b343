"""Peers on the sets of UEA and UCR: an echo state network with a trained readout (reservoirpy), and MiniRocket (aeon).

    python3 sequences.py esn|minirocket --data-dir DIR --task japanesevowels [--seed 1]
"""

import argparse
import gzip
import itertools
import json
import time
from pathlib import Path

import numpy as np

NAMES = {"japanesevowels": "JapaneseVowels", "italypowerdemand": "ItalyPowerDemand", "gunpoint": "GunPoint", "osuleaf": "OSULeaf"}
UNITS = 1024


def read(path):
    """Trials ``[steps, channels]`` and labels of a `.ts` file."""
    with gzip.open(path, "rt") as file:
        lines = [line.strip() for line in file]
    rows = lines[[line.lower() for line in lines].index("@data") + 1 :]
    trials = [[[float(x) for x in part.split(",")] for part in row.split(":")[:-1]] for row in rows if row]
    return [np.array(trial).T for trial in trials], np.array([row.split(":")[-1] for row in rows if row])


def sets(data_dir, task):
    folder = Path(data_dir) / "sequences" / NAMES[task]
    return [read(folder / f"{NAMES[task]}_{half}.ts.gz") for half in ("TRAIN", "TEST")]


def scaled(train, test):
    """In units of the standard deviation of each channel in training."""
    values = np.concatenate(train)
    mean, sd = values.mean(0), values.std(0)
    return [[(trial - mean) / np.where(sd > 0, sd, 1) for trial in half] for half in (train, test)]


def features(trials, leak, scale, seed):
    """Mean and last state of an echo state network over each trial: ``[trials, 2 · units]``."""
    from reservoirpy.nodes import Reservoir

    reservoir = Reservoir(UNITS, lr=leak, sr=0.9, input_scaling=scale, seed=seed)
    found = []
    for trial in trials:
        if reservoir.initialized:
            reservoir.reset()
        states = reservoir.run(trial)
        found.append(np.concatenate([states.mean(0), states[-1]]))
    return np.array(found)


def esn(train, labels, test, their_labels, seed):
    from sklearn.linear_model import RidgeClassifierCV
    from sklearn.model_selection import train_test_split

    ridge = lambda: RidgeClassifierCV(np.logspace(-4, 4, 9))  # noqa: E731
    first, held, first_labels, held_labels = train_test_split(train, labels, test_size=0.33, random_state=0, stratify=labels)
    best, chosen = -1.0, None
    for leak, scale in itertools.product((0.1, 0.3, 1.0), (0.1, 0.5, 1.0)):
        model = ridge().fit(features(first, leak, scale, seed), first_labels)
        score = model.score(features(held, leak, scale, seed), held_labels)
        if score > best:
            best, chosen = score, (leak, scale)
    model = ridge().fit(features(train, *chosen, seed), labels)
    classes = len(np.unique(labels))
    learned = (2 * UNITS + 1) * (1 if classes == 2 else classes)
    return model.score(features(test, *chosen, seed), their_labels), learned, {"leak": chosen[0], "scale": chosen[1]}


def minirocket(train, labels, test, their_labels, seed):
    from aeon.classification.convolution_based import MiniRocketClassifier

    longest = max(len(trial) for trial in train + test)
    filled = lambda trials: np.array([np.pad(trial, ((0, longest - len(trial)), (0, 0))).T for trial in trials])  # noqa: E731
    model = MiniRocketClassifier(random_state=seed).fit(filled(train), labels)
    classes = len(np.unique(labels))
    learned = 10_000 * (1 if classes == 2 else classes)
    return model.score(filled(test), their_labels), learned, {"filled": "with zeros to one length"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=["esn", "minirocket"])
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--task", choices=list(NAMES), required=True)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    (train, labels), (test, their_labels) = sets(args.data_dir, args.task)
    train, test = scaled(train, test)
    begin = time.perf_counter()
    accuracy, learned, chosen = {"esn": esn, "minirocket": minirocket}[args.name](train, labels, test, their_labels, args.seed)
    print(json.dumps({"test_accuracy": accuracy, "trainable_parameters": learned, "seconds": time.perf_counter() - begin, **chosen}))


if __name__ == "__main__":
    main()
