"""The same training job in PyTorch, as a user of PyTorch would write it.

Frozen weights without gradients, biases as the only parameter, Adam, batches of 512, cross-entropy. The
weights are those of a backbone file, so that both programs learn the same thing and end at the same accuracy.
`--cached` keeps the pre-activations in float32, which shows what the idea alone is worth without our kernels.
"""

import argparse
import gzip
import json
import math
import struct
import time

import numpy as np
import torch


def read_idx(path):
    with gzip.open(path) as file:
        data = file.read()
    dims = data[3]
    shape = struct.unpack(f">{dims}I", data[4 : 4 + 4 * dims])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * dims).reshape(shape)


def read_backbone(path):
    """Weights of a one-layer backbone file: safetensors, int8 values and scales (FORMAT.md)."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])

    def tensor(name):
        info = header[name]
        begin, end = info["data_offsets"]
        kind = {"I8": np.int8, "F32": np.float32}[info["dtype"]]
        return np.frombuffer(data[8 + length + begin : 8 + length + end], kind).reshape(info["shape"])

    def weights(name):
        scale = tensor(f"{name}.scale")
        return tensor(f"{name}.q8").astype(np.float32) * scale[:, None]

    return torch.from_numpy(weights("hidden.0.weight")), torch.from_numpy(weights("readout.weight"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True, help="folder with the four gzip IDX files")
    parser.add_argument("--backbone", required=True, help="backbone file")
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--lr", type=float, required=True)
    parser.add_argument("--schedule", choices=["constant", "cosine"], default="constant")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cached", action="store_true")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    begin = time.perf_counter()

    read = lambda name: read_idx(f"{args.data}/{name}.gz")
    pixels, labels = read("train-images-idx3-ubyte"), read("train-labels-idx1-ubyte")
    test_pixels, test_labels = read("t10k-images-idx3-ubyte"), read("t10k-labels-idx1-ubyte")
    mean, std = pixels.mean() / 255, pixels.std() / 255
    prepare = lambda x: (torch.from_numpy(x.reshape(len(x), -1).astype(np.float32)) / 255 - mean) / std
    x, y = prepare(pixels), torch.from_numpy(labels.astype(np.int64))
    x_test, y_test = prepare(test_pixels), torch.from_numpy(test_labels.astype(np.int64))
    loaded = time.perf_counter()

    weights, readout = read_backbone(args.backbone)
    units = len(weights)
    # Reading the file stands for drawing the weights; drawing is timed too and reported.
    torch.randn(units, weights.shape[1])
    generated = time.perf_counter()

    bias = torch.empty(units).uniform_(-0.01, 0.01).requires_grad_()
    optimizer = torch.optim.Adam([bias], lr=args.lr)
    steps = args.epochs * math.ceil(len(x) / 512)
    if args.schedule == "cosine":
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    else:
        schedule = torch.optim.lr_scheduler.ConstantLR(optimizer, 1.0)
    if args.cached:
        x = torch.cat([chunk @ weights.T for chunk in x.split(4096)])
    cached = time.perf_counter()

    epoch_seconds = []
    for _ in range(args.epochs):
        start, total = time.perf_counter(), 0.0
        for rows in torch.randperm(len(x)).split(512):
            p = x[rows] if args.cached else x[rows] @ weights.T
            loss = torch.nn.functional.cross_entropy(torch.relu(p + bias) @ readout.T, y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(rows)
        epoch_seconds.append(time.perf_counter() - start)
    trained = time.perf_counter()

    with torch.no_grad():
        forward = lambda x: torch.relu(torch.nn.functional.linear(x, weights, bias)) @ readout.T
        right = sum((forward(a).argmax(1) == b).sum().item() for a, b in zip(x_test.split(512), y_test.split(512)))
        evaluated = time.perf_counter()
        one = []
        for i in range(200):
            start = time.perf_counter()
            forward(x_test[i : i + 1])
            one.append(time.perf_counter() - start)

    print(
        json.dumps(
            {
                "program": f"torch {torch.__version__}",
                "threads": torch.get_num_threads(),
                "cached": args.cached,
                "width": units,
                "epochs": args.epochs,
                "test_accuracy": right / len(y_test),
                "train_loss": total / len(x),
                "seconds": {
                    "load": loaded - begin,
                    "backbone": generated - loaded,
                    "cache": cached - generated,
                    "train": trained - cached,
                    "evaluate": evaluated - trained,
                    "total": evaluated - begin,
                },
                "epoch_seconds": sorted(epoch_seconds)[len(epoch_seconds) // 2],
                "one_image_seconds": sorted(one)[len(one) // 2],
            }
        )
    )


main()
