#!/usr/bin/env python3
"""Accuracy of others on images against the number of parameters that they learn.

    python benches/peers/images.py MODEL --data DIR/kmnist [--size N] [--validate]

MODEL
  cnn        two convolutions of 5 × 5 with max pooling and a linear layer, everything learned (PyTorch, Adam, cosine)
  rrf        random receptive fields (McDonnell et al. 2015): N units with weights on random patches, a ridge readout
  rbf        random Fourier features of scikit-learn (RBFSampler), N of them, RidgeClassifier
  logistic   scikit-learn's LogisticRegression on the pixels

--validate scores the last sixth of the training images, learning on the others: to choose settings. Prints one JSON object.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from files import read_idx


def ridge(features, labels, wanted):
    """Readouts of some λ, by one eigendecomposition."""
    targets = np.eye(10)[labels] * 2 - 1
    gram, right = features.T @ features, features.T @ targets
    values, vectors = np.linalg.eigh(gram.astype(np.float64))
    turned = vectors.T @ right
    return {lam: vectors @ (turned / (values + lam * len(features))[:, None]) for lam in wanted}


def receptive_fields(train, test, labels, size, seed, lams):
    """Units see a rectangle of random place and size (at least 10 pixels a side); weights there N(0, 1), rows of norm 1."""
    rng = np.random.default_rng(seed)
    weights = np.zeros((size, 28, 28), np.float32)
    for unit in weights:
        (top, bottom), (left, right) = (sorted(rng.choice(29, 2, replace=False)) for _ in range(2))
        while bottom - top < 10 or right - left < 10:
            (top, bottom), (left, right) = (sorted(rng.choice(29, 2, replace=False)) for _ in range(2))
        unit[top:bottom, left:right] = rng.standard_normal((bottom - top, right - left))
    weights = weights.reshape(size, -1)
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    hidden = lambda x: np.maximum((x - train.mean()) @ weights.T, 0)
    h, t = hidden(train), hidden(test)
    return {lam: (t @ readout).argmax(1) for lam, readout in ridge(h, labels, lams).items()}


def cnn(train, labels, test, size, seed, epochs, lr):
    import torch
    import torch.nn as nn

    torch.manual_seed(seed)
    shape = lambda x: torch.from_numpy(x.reshape(-1, 1, 28, 28))
    x, y, t = shape(train), torch.from_numpy(labels.astype(np.int64)), shape(test)
    net = nn.Sequential(
        nn.Conv2d(1, size, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(size, 2 * size, 5, padding=2), nn.ReLU(), nn.MaxPool2d(4),
        nn.Flatten(), nn.Linear(2 * size * 9, 10),
    )  # fmt: skip
    rows, batch = len(x), 128
    steps = epochs * -(-rows // batch)
    adam = torch.optim.Adam(net.parameters(), lr=lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps)
    for _ in range(epochs):
        for rows_of in torch.randperm(rows).split(batch):
            adam.zero_grad()
            nn.functional.cross_entropy(net(x[rows_of]), y[rows_of]).backward()
            adam.step()
            schedule.step()
    with torch.no_grad():
        found = torch.cat([net(part).argmax(1) for part in t.split(1000)]).numpy()
    return found, sum(p.numel() for p in net.parameters())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=["cnn", "rrf", "rbf", "logistic"])
    parser.add_argument("--data", required=True)
    parser.add_argument("--size", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--lr", type=float, default=0.003)
    parser.add_argument("--lam", type=float, nargs="*", default=[1e-4], help="of the ridge, for each training image")
    parser.add_argument("--gamma", type=float, default=0.02)
    parser.add_argument("--validate", action="store_true")
    args = parser.parse_args()
    train, labels, test, expected = (
        read_idx(next(Path(args.data).glob(f"*{split}*{what}*")))
        for split in ("train", "t10k")
        for what in ("images", "labels")
    )
    if args.validate:
        kept = len(train) * 5 // 6
        train, test, labels, expected = train[:kept], train[kept:], labels[:kept], labels[kept:]
    train, test = (x.reshape(len(x), -1).astype(np.float32) / 255 for x in (train, test))
    begin = time.perf_counter()
    if args.model == "cnn":
        found, learned = cnn(train, labels, test, args.size, args.seed, args.epochs, args.lr)
        found = {args.lr: found}
    elif args.model == "rrf":
        found, learned = receptive_fields(train, test, labels, args.size, args.seed, args.lam), 10 * args.size
    elif args.model == "rbf":
        from sklearn.kernel_approximation import RBFSampler
        from sklearn.linear_model import RidgeClassifier

        sampler = RBFSampler(gamma=args.gamma, n_components=args.size, random_state=args.seed).fit(train)
        h, t = sampler.transform(train), sampler.transform(test)
        found = {lam: RidgeClassifier(alpha=lam * len(h)).fit(h, labels).predict(t) for lam in args.lam}
        learned = 10 * (args.size + 1)
    else:
        from sklearn.linear_model import LogisticRegression

        found = {1.0: LogisticRegression(max_iter=200).fit(train, labels).predict(test)}
        learned = 10 * (train.shape[1] + 1)
    seconds = time.perf_counter() - begin
    accuracy = {str(setting): float((guess == expected).mean()) for setting, guess in found.items()}
    print(json.dumps({"model": args.model, "size": args.size, "seed": args.seed, "learned": learned, "seconds": seconds,
                      "validation" if args.validate else "test": accuracy}))  # fmt: skip


if __name__ == "__main__":
    main()
