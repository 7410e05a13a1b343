"""Bias learning of Lorenz' x in PyTorch: the same windows, loss, Adam, clipping and schedule as `bl-adapt train --task lorenz`.

    pytorch_lorenz.py [--units 1024] [--epochs 1] [--threads N]

Weights are drawn from the same distributions, by torch's own generator.
"""

import argparse
import json
import time

import numpy as np
import torch
from lorenz_task import HORIZON, WASHOUT, r_squared, split

parser = argparse.ArgumentParser()
parser.add_argument("--units", type=int, default=1024)
parser.add_argument("--epochs", type=int, default=1)
parser.add_argument("--lr", type=float, default=0.02)
parser.add_argument("--threads", type=int)
args = parser.parse_args()
if args.threads:
    torch.set_num_threads(args.threads)
torch.manual_seed(1)
n, length, batch = args.units, 120, 16
w, b_in = torch.randn(n, n) * (2 / n) ** 0.5, torch.rand(n, 1) * 2 - 1
c = torch.randn(1, n) / n**0.5
bias = ((torch.rand(n) * 2 - 1) * 0.01).requires_grad_()
train, test = (torch.tensor(values, dtype=torch.float32) for values in split())
starts = torch.arange(0, len(train) - HORIZON - length + 1, 8)
steps = args.epochs * -(-len(starts) // batch)
optimiser = torch.optim.Adam([bias], lr=args.lr)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)


def run(x):
    """x: [steps, trajectories]; returns [steps, trajectories]"""
    driven = x[:, :, None] @ b_in.T + bias
    r, states = torch.zeros(x.shape[1], n), []
    for drive in driven:
        r = torch.relu(r @ w.T + drive)
        states.append(r)
    return (torch.stack(states) @ c.T)[:, :, 0]


epoch_seconds = []
for _ in range(args.epochs):
    begin = time.perf_counter()
    for rows in starts[torch.randperm(len(starts))].split(batch):
        at = rows[None, :] + torch.arange(length)[:, None]
        loss = (run(train[at]) - train[at + HORIZON])[WASHOUT:].square().mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([bias], 1.0)
        optimiser.step()
        schedule.step()
    epoch_seconds.append(time.perf_counter() - begin)
with torch.no_grad():
    said = run(test[:, None])[:, 0].numpy()
print(
    json.dumps(
        {
            "program": f"torch {torch.__version__}",
            "units": n,
            "epochs": args.epochs,
            "threads": torch.get_num_threads(),
            "epoch_seconds": float(np.median(epoch_seconds)),
            "last_loss": float(loss),
            "r2": r_squared(test.numpy()[HORIZON + WASHOUT :], said[WASHOUT:-HORIZON]),
        }
    )
)
