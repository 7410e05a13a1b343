"""A training step of a recurrent network with frozen weights in PyTorch: forward and backward, biases alone.

    pytorch_rnn.py [--units 1024] [--steps 120] [--trajectories 16] [--threads N]

"""

import argparse
import json
import time

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--units", type=int, default=1024)
parser.add_argument("--steps", type=int, default=120)
parser.add_argument("--trajectories", type=int, default=16)
parser.add_argument("--threads", type=int)
parser.add_argument("--repeats", type=int, default=30)
args = parser.parse_args()
if args.threads:
    torch.set_num_threads(args.threads)
torch.manual_seed(1)
n, m = args.units, args.trajectories
w, b_in = torch.randn(n, n) * (2 / n) ** 0.5, torch.rand(n, 1) * 2 - 1
c = torch.randn(1, n) / n**0.5
bias = torch.zeros(n, requires_grad=True)
x, target = torch.randn(args.steps, m, 1), torch.randn(args.steps, m, 1)
times = []
for _ in range(args.repeats):
    begin = time.perf_counter()
    r, outputs = torch.zeros(m, n), []
    for t in range(args.steps):
        r = torch.relu(r @ w.T + x[t] @ b_in.T + bias)
        outputs.append(r @ c.T)
    loss = ((torch.stack(outputs) - target) ** 2).mean()
    bias.grad = None
    loss.backward()
    times.append(time.perf_counter() - begin)
times.sort()
print(json.dumps({"program": f"torch {torch.__version__}", "units": n, "steps": args.steps, "trajectories": m,
                  "threads": torch.get_num_threads(), "step_seconds": times[len(times) // 2]}))
