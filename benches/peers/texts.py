#!/usr/bin/env python3
"""Logistic regression on the rows that texts become here: a linear readout of the same values, everything learned.

    python benches/peers/texts.py --data DIR [--sets snips,trec,…]

The rows are made by the reader of FORMAT.md. C is chosen on the last fifth of the training texts (shuffled), the test set is used once.
Prints one JSON object a set.
"""

import argparse
import csv
import gzip
import importlib.util
import json
import time
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

READER = Path(__file__).resolve().parents[2] / "crates/bl-core/tests/all/format/texts.py"
SCHEMA = {"values": 4096, "words": 2, "characters": [3, 5]}
SETS = "snips,trec,sst2,clinc150,banking77"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--sets", default=SETS)
    args = parser.parse_args()
    spec = importlib.util.spec_from_file_location("reader", READER)
    reader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reader)

    def half(folder, name):
        with gzip.open(folder / f"{name}.tsv.gz", "rt", encoding="utf-8") as file:
            lines = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        rows = [reader.row([line["text"]], SCHEMA) for line in lines]
        return csr_matrix(np.array(rows, np.float32) / 255), np.array([line["label"] for line in lines])

    for name in args.sets.split(","):
        begin = time.perf_counter()
        folder = Path(args.data) / name
        (train, labels), (test, expected) = half(folder, "train"), half(folder, "test")
        order = np.random.default_rng(1).permutation(len(labels))
        fit, held = order[: len(order) * 4 // 5], order[len(order) * 4 // 5 :]
        score = lambda c: LogisticRegression(C=c, max_iter=300).fit(train[fit], labels[fit]).score(train[held], labels[held])
        validation = {c: score(c) for c in [0.03, 0.3, 3]}
        best = max(validation, key=validation.get)
        model = LogisticRegression(C=best, max_iter=300).fit(train, labels)
        print(json.dumps({"set": name, "learned": model.coef_.size + model.intercept_.size, "validation": validation, "C": best,
                          "test": model.score(test, expected), "seconds": time.perf_counter() - begin}), flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
