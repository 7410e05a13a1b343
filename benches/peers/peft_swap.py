"""Swapping and mixing adapters with PEFT in PyTorch, on a layer as wide as our hidden layer.

    peft_swap.py [--units 32000] [--threads N] [--seconds 1]

A frozen network 784 -> units -> 10, and LoRA adapters of rank 1 on its hidden layer: 784 + units learned numbers each, nearly as
many as an adapter of ours has. `set_adapter` is PEFT's swap, `adapter_names` its batch of several tasks.
"""

import argparse
import json
import time

import numpy as np
import peft
import torch
from peft import LoraConfig, get_peft_model

parser = argparse.ArgumentParser()
parser.add_argument("--units", type=int, default=32000)
parser.add_argument("--threads", type=int)
parser.add_argument("--seconds", type=float, default=1.0)
parser.add_argument("--loaded", type=int, nargs="+", default=[1, 10, 100])
args = parser.parse_args()
if args.threads:
    torch.set_num_threads(args.threads)
torch.manual_seed(1)
TASKS = 8


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = torch.nn.Linear(784, args.units, bias=False)
        self.readout = torch.nn.Linear(args.units, 10, bias=False)

    def forward(self, x):
        return self.readout(torch.relu(self.hidden(x)))


def quantiles(run):
    for warm_up in range(3):
        run(warm_up)
    times, begin = [], time.perf_counter()
    while len(times) < 5 or time.perf_counter() - begin < args.seconds:
        start = time.perf_counter()
        run(len(times))
        times.append(time.perf_counter() - start)
    return {"p50_us": 1e6 * float(np.quantile(times, 0.5)), "p99_us": 1e6 * float(np.quantile(times, 0.99))}


config = LoraConfig(r=1, target_modules=["hidden"], init_lora_weights=False)
model = get_peft_model(Network(), config, adapter_name="task-0")
swap, mixed = [], []
with torch.no_grad():
    for loaded in args.loaded:
        for nth in range(len(model.peft_config), loaded):
            model.add_adapter(f"task-{nth}", config)
        model.eval()
        swap.append({"loaded": loaded, "set_adapter": quantiles(lambda run: model.set_adapter(f"task-{run * 7919 % loaded}"))})
        if loaded >= TASKS and not mixed:
            for pictures in [1, 8, 64, 512]:
                rows = max(pictures, TASKS) if pictures == 1 else pictures
                x = torch.rand(1, 784).repeat(rows, 1) if pictures == 1 else torch.rand(pictures, 784)
                names = [f"task-{row % TASKS}" for row in range(rows)]
                model.set_adapter("task-0")
                one = quantiles(lambda run: model(x[:pictures]))
                all_tasks = quantiles(lambda run: model(x, adapter_names=names))
                mixed.append({"pictures": pictures, "tasks": TASKS, "one_task_us": one["p50_us"],
                              "all_tasks_us": all_tasks["p50_us"], "ratio": all_tasks["p50_us"] / one["p50_us"]})
print(json.dumps({"program": f"peft {peft.__version__}, torch {torch.__version__}", "units": args.units,
                  "threads": torch.get_num_threads(), "swap": swap, "mixed": mixed}))
