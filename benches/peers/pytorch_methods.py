"""One method of the project in PyTorch, as a user of PyTorch would write it: the time of a few epochs.

    pytorch_methods.py METHOD --units N --epochs N --lr X --data FOLDER     gzip IDX files
    pytorch_methods.py METHOD ... --stdin --samples N                       N × 784 pixel bytes, then N label bytes

METHOD is bias, mask (soft unit mask, annealed) or full. Adam, batches of 512, cross-entropy, weights N(0, 1/28).
Prints one JSON object.
"""

import argparse
import gzip
import json
import sys
import time

import numpy as np
import torch


def read_idx(path):
    with gzip.open(path) as file:
        data = file.read()
    dims = data[3]
    shape = tuple(np.frombuffer(data, ">u4", dims, 4))
    return np.frombuffer(data, np.uint8, offset=4 + 4 * dims).reshape(shape)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("method", choices=["bias", "mask", "full"])
    parser.add_argument("--units", type=int, required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--lr", type=float, required=True)
    parser.add_argument("--data")
    parser.add_argument("--stdin", action="store_true")
    parser.add_argument("--samples", type=int)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--precision", choices=["f32", "bf16"], default="f32", help="of the products: bf16 by autocast")
    args = parser.parse_args()
    torch.manual_seed(1)
    if args.threads:
        torch.set_num_threads(args.threads)
    if args.stdin:
        raw = np.frombuffer(sys.stdin.buffer.read(), np.uint8)
        pixels, labels = raw[: args.samples * 784].reshape(-1, 784), raw[args.samples * 784 :]
    else:
        read = lambda name: read_idx(f"{args.data}/{name}.gz")
        pixels, labels = read("train-images-idx3-ubyte").reshape(-1, 784), read("train-labels-idx1-ubyte")
    x = (torch.from_numpy(pixels.astype(np.float32)) / 255 - pixels.mean() / 255) / (pixels.std() / 255)
    y = torch.from_numpy(labels.astype(np.int64))

    begin = time.perf_counter()
    units, sd = args.units, 1 / 28
    weights, readout = torch.randn(units, 784) * sd, torch.randn(10, units) * sd
    bias = torch.empty(units).uniform_(-0.01, 0.01)
    gains = torch.empty(units).uniform_(-0.01, 0.01)
    if args.method == "full":
        torch.nn.init.xavier_uniform_(weights), torch.nn.init.xavier_uniform_(readout)
    learned = {"bias": [bias], "mask": [gains], "full": [weights, bias, readout]}[args.method]
    for parameter in learned:
        parameter.requires_grad_()
    optimizer = torch.optim.Adam(learned, lr=args.lr)

    epoch_seconds = []
    for epoch in range(args.epochs):
        start, total = time.perf_counter(), 0.0
        tau = 0.001 ** (epoch / max(args.epochs - 1, 1))
        for rows in torch.randperm(len(x)).split(512):
            with torch.autocast("cpu", torch.bfloat16, enabled=args.precision == "bf16"):
                h = torch.relu(torch.nn.functional.linear(x[rows], weights, bias))
                if args.method == "mask":
                    h = h * torch.sigmoid(gains / tau)
                scores = h @ readout.T
            loss = torch.nn.functional.cross_entropy(scores.float(), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        epoch_seconds.append(time.perf_counter() - start)
    seconds, test_accuracy = time.perf_counter() - begin, None
    if args.data:
        images, labels = read("t10k-images-idx3-ubyte").reshape(-1, 784), read("t10k-labels-idx1-ubyte")
        x = (torch.from_numpy(images.astype(np.float32)) / 255 - pixels.mean() / 255) / (pixels.std() / 255)
        with torch.no_grad():
            factor = torch.sigmoid(gains / tau) if args.method == "mask" else 1.0
            h = torch.relu(torch.nn.functional.linear(x, weights, bias)) * factor
            test_accuracy = ((h @ readout.T).argmax(1).numpy() == labels).mean()
    print(
        json.dumps(
            {
                "program": f"torch {torch.__version__}",
                "method": args.method,
                "units": units,
                "threads": torch.get_num_threads(),
                "train_loss": total / len(x),
                "seconds": seconds,
                "epoch_seconds": sorted(epoch_seconds)[len(epoch_seconds) // 2],
                "fastest_epoch_seconds": min(epoch_seconds),
                "epochs": args.epochs,
                "precision": args.precision,
                "test_accuracy": test_accuracy,
            }
        )
    )


main()
