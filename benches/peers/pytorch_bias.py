"""The same training job in PyTorch, as a user of PyTorch would write it.

Frozen weights without gradients, biases as the only parameter, Adam, batches of 512, cross-entropy. The
weights are those of a backbone file, so that both programs learn the same thing and end at the same accuracy.
`--cached` keeps the pre-activations, which shows what the idea alone is worth without our kernels. `--precision bf16` keeps
pixels, frozen weights and pre-activations in bf16, which CPUs with AMX or AVX-512 BF16 multiply faster; biases and loss stay f32.
`--compile` has `torch.compile` fuse what it can.
"""

import argparse
import json
import math
import time

import numpy as np
import torch
from files import read_backbone, read_idx


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True, help="folder with the four gzip IDX files")
    parser.add_argument("--backbone", required=True, help="backbone file")
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--lr", type=float, required=True)
    parser.add_argument("--schedule", choices=["constant", "cosine"], default="constant")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cached", action="store_true")
    parser.add_argument("--precision", choices=["f32", "bf16"], default="f32")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--steps", type=int, help="end each epoch after as many steps, to count instructions")
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

    weights, readout = (torch.from_numpy(matrix) for matrix in read_backbone(args.backbone))
    units = len(weights)
    # Reading the file stands for drawing the weights; drawing is timed too and reported.
    torch.randn(units, weights.shape[1])
    generated = time.perf_counter()

    kind = {"f32": torch.float32, "bf16": torch.bfloat16}[args.precision]
    x, x_test, weights, readout = x.to(kind), x_test.to(kind), weights.to(kind), readout.to(kind)

    bias = torch.empty(units).uniform_(-0.01, 0.01).requires_grad_()
    optimizer = torch.optim.Adam([bias], lr=args.lr)
    steps = args.epochs * math.ceil(len(x) / 512)
    if args.schedule == "cosine":
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    else:
        schedule = torch.optim.lr_scheduler.ConstantLR(optimizer, 1.0)
    if args.cached:
        p = torch.empty(len(x), units, dtype=kind)
        for start in range(0, len(x), 4096):
            torch.matmul(x[start : start + 4096], weights.T, out=p[start : start + 4096])
        x = p
    cached = time.perf_counter()

    def loss_of(x, y):
        p = x if args.cached else x @ weights.T
        scores = torch.relu(p + bias.to(kind)) @ readout.T
        return torch.nn.functional.cross_entropy(scores.float(), y)

    if args.compile:
        loss_of = torch.compile(loss_of, dynamic=False)
        for rows in torch.arange(len(x)).split(512)[:: len(x) // 512]:  # both shapes: compiling is not training
            loss_of(x[rows], y[rows]).backward()
        bias.grad = None

    epoch_seconds = []
    for _ in range(args.epochs):
        start, total = time.perf_counter(), 0.0
        for rows in torch.randperm(len(x)).split(512)[: args.steps]:
            loss = loss_of(x[rows], y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(rows)
        epoch_seconds.append(time.perf_counter() - start)
    trained = time.perf_counter()

    with torch.no_grad():
        forward = lambda x: torch.relu(torch.nn.functional.linear(x, weights, bias.to(kind))) @ readout.T
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
                "precision": args.precision,
                "cached": args.cached,
                "compiled": args.compile,
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
                "fastest_epoch_seconds": min(epoch_seconds),
                "one_image_seconds": sorted(one)[len(one) // 2],
            }
        )
    )


main()
