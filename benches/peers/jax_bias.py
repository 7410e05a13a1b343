"""The training job of `pytorch_bias.py` in JAX: one compiled step, the same weights, Adam, batches of 512.

`--cached` keeps the pre-activations; `--precision bf16` keeps pixels, frozen weights and pre-activations in bf16.
"""

import argparse
import json
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from files import read_backbone, read_idx

BATCH = 512


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True, help="folder with the four gzip IDX files")
    parser.add_argument("--backbone", required=True, help="backbone file")
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--lr", type=float, required=True)
    parser.add_argument("--schedule", choices=["cosine"], default="cosine")
    parser.add_argument("--cached", action="store_true")
    parser.add_argument("--precision", choices=["f32", "bf16"], default="f32")
    args = parser.parse_args()
    kind = {"f32": jnp.float32, "bf16": jnp.bfloat16}[args.precision]
    read = lambda name: read_idx(Path(args.data) / f"{name}.gz")
    pixels, labels = read("train-images-idx3-ubyte"), read("train-labels-idx1-ubyte")
    test_pixels, test_labels = read("t10k-images-idx3-ubyte"), read("t10k-labels-idx1-ubyte")
    mean, std = pixels.mean() / 255, pixels.std() / 255
    prepare = lambda x: jnp.asarray((x.reshape(len(x), -1) / 255 - mean) / std, kind)
    x, y = prepare(pixels), jnp.asarray(labels, jnp.int32)
    weights, readout = (jnp.asarray(matrix, kind) for matrix in read_backbone(args.backbone))
    bias = jax.random.uniform(jax.random.key(1), (len(weights),), minval=-0.01, maxval=0.01)
    steps = args.epochs * -(-len(x) // BATCH)

    def scores(bias, x, weights, readout, cached):
        p = x if cached else x @ weights.T
        return (jax.nn.relu(p + bias.astype(kind)) @ readout.T).astype(jnp.float32)

    def loss_of(bias, x, y, weights, readout):
        of_classes = jax.nn.log_softmax(scores(bias, x, weights, readout, args.cached))
        return -jnp.take_along_axis(of_classes, y[:, None], 1).mean()

    @jax.jit
    def step(bias, m, v, count, x, y, weights, readout, rows):
        loss, g = jax.value_and_grad(loss_of)(bias, x[rows], y[rows], weights, readout)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        lr = args.lr * (1 + jnp.cos(jnp.pi * count / steps)) / 2
        up = (m / (1 - 0.9 ** (count + 1))) / (jnp.sqrt(v / (1 - 0.999 ** (count + 1))) + 1e-8)
        return bias - lr * up, m, v, loss

    begin = time.perf_counter()
    if args.cached:
        multiply = jax.jit(lambda x, weights: x @ weights.T)
        raw = np.empty(len(x) * len(weights) * x.itemsize + 64, np.uint8)  # aligned, JAX takes it as it is
        raw = raw[-raw.ctypes.data % 64 :][: len(raw) - 64]
        p = raw.view(x.dtype).reshape(len(x), len(weights))
        for start in range(0, len(x), 6000):
            p[start : start + 6000] = multiply(x[start : start + 6000], weights)
        x = jnp.asarray(p)
    cached = time.perf_counter()
    m = v = jnp.zeros_like(bias)
    for rows in (np.arange(BATCH), np.arange(len(x) % BATCH)):  # compiling is not training
        step(bias, m, v, 0.0, x, y, weights, readout, rows)[0].block_until_ready()
    count, epoch_seconds, random = 0, [], np.random.default_rng(1)
    for _ in range(args.epochs):
        start, order, total = time.perf_counter(), random.permutation(len(x)), 0.0
        for first in range(0, len(x), BATCH):
            rows = order[first : first + BATCH]
            bias, m, v, loss = step(bias, m, v, float(count), x, y, weights, readout, rows)
            count, total = count + 1, total + float(loss) * len(rows)
        epoch_seconds.append(time.perf_counter() - start)
    parts = jnp.split(prepare(test_pixels), 20)
    best = jnp.concatenate([scores(bias, part, weights, readout, False).argmax(1) for part in parts])
    print(
        json.dumps(
            {
                "program": f"jax {jax.__version__}",
                "threads": jax.local_device_count(),
                "precision": args.precision,
                "cached": args.cached,
                "width": len(weights),
                "epochs": args.epochs,
                "test_accuracy": float((np.asarray(best) == test_labels).mean()),
                "train_loss": total / len(x),
                "seconds": {"cache": cached - begin, "train": sum(epoch_seconds)},
                "epoch_seconds": sorted(epoch_seconds)[len(epoch_seconds) // 2],
                "fastest_epoch_seconds": min(epoch_seconds),
            }
        )
    )


main()
