#!/usr/bin/env python3
"""A pretrained encoder in PyTorch: biases and a readout (BitFit), a readout alone, or everything, learned.

    python benches/peers/encoder.py MODEL --data DIR/text/sst2 [--method full|bias+head|head] [--validate]

MODEL is a folder as the Hub has it. The vector of a text is the mean of the last layer over its tokens, padding left out; Adam, a cosine
schedule, batches of texts of about the same length (as a fair program would; --shuffled for batches at random, as they come), no
dropout unless everything is learned. --validate
scores the last tenth of the training texts (shuffled), learning on the others: to choose settings. --seconds stops after so many
steps' time and tells the time of a text. Prints one JSON object.
"""

import argparse
import csv
import gzip
import json
import math
import time
from pathlib import Path

import torch
from transformers import AutoModel, AutoTokenizer


def read(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [line["text"] for line in lines], [line["label"] for line in lines]


class Classifier(torch.nn.Module):
    def __init__(self, folder, classes, method):
        super().__init__()
        self.encoder = AutoModel.from_pretrained(folder, add_pooling_layer=False)
        self.head = torch.nn.Linear(self.encoder.config.hidden_size, classes)
        if method != "full":
            for name, parameter in self.encoder.named_parameters():
                parameter.requires_grad = method == "bias+head" and name.endswith(".bias")
        self.method = method

    def train(self, mode=True):
        return super().train(mode and self.method == "full")

    def forward(self, ids, mask):
        last = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        mean = (last * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return self.head(mean)


def batches(texts, size, generator, shuffled):
    """Batches of about the same length, in random order: little padding."""
    order = torch.randperm(len(texts), generator=generator).tolist()
    if shuffled:
        return [order[i : i + size] for i in range(0, len(order), size)]
    chunks = [sorted(order[i : i + 50 * size], key=lambda i: len(texts[i])) for i in range(0, len(order), 50 * size)]
    all_batches = [chunk[i : i + size] for chunk in chunks for i in range(0, len(chunk), size)]
    return [all_batches[i] for i in torch.randperm(len(all_batches), generator=generator).tolist()]


def padded(texts):
    longest = max(map(len, texts))
    ids = torch.tensor([text + [0] * (longest - len(text)) for text in texts])
    mask = torch.tensor([[1] * len(text) + [0] * (longest - len(text)) for text in texts])
    return ids, mask


def accuracy(model, texts, labels):
    model.eval()
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    right = 0
    with torch.no_grad():
        for i in range(0, len(order), 64):
            rows = order[i : i + 64]
            guess = model(*padded([texts[row] for row in rows])).argmax(1)
            right += (guess == torch.tensor([labels[row] for row in rows])).sum().item()
    return right / len(texts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--method", default="bias+head", choices=["full", "bias+head", "head"])
    parser.add_argument("--lr", type=float, default=0.003)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--longest", type=int, default=128)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--shuffled", action="store_true")
    parser.add_argument("--validate", action="store_true")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    generator = torch.Generator().manual_seed(args.seed)
    tokenizer = AutoTokenizer.from_pretrained(args.model)
    tokens = lambda texts: tokenizer(texts, truncation=True, max_length=args.longest)["input_ids"]
    (train, labels), (test, expected) = read(args.data / "train.tsv.gz"), read(args.data / "test.tsv.gz")
    classes = sorted(set(labels))
    train, test = tokens(train), tokens(test)
    labels, expected = [[classes.index(label) for label in of] for of in (labels, expected)]
    if args.validate:
        order = torch.randperm(len(train), generator=torch.Generator().manual_seed(0)).tolist()
        fit, held = order[len(order) // 10 :], order[: len(order) // 10]
        test, expected = [train[i] for i in held], [labels[i] for i in held]
        train, labels = [train[i] for i in fit], [labels[i] for i in fit]
    model = Classifier(args.model, len(classes), args.method)
    learned = [parameter for parameter in model.parameters() if parameter.requires_grad]
    adam = torch.optim.Adam(learned, lr=args.lr)
    steps = args.epochs * math.ceil(len(train) / args.batch_size)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps)
    begin, seen, times = time.perf_counter(), 0, []
    for _ in range(args.epochs):
        model.train()
        for rows in batches(train, args.batch_size, generator, args.shuffled):
            ids, mask = padded([train[row] for row in rows])
            start = time.perf_counter()
            scores = model(ids, mask)
            halfway = time.perf_counter()
            loss = torch.nn.functional.cross_entropy(scores, torch.tensor([labels[row] for row in rows]))
            adam.zero_grad()
            loss.backward()
            end = time.perf_counter()
            adam.step()
            schedule.step()
            seen += len(rows)
            times.append((halfway - start, end - halfway, time.perf_counter() - start))
            if args.seconds and time.perf_counter() - begin > args.seconds:
                break
        if args.seconds and time.perf_counter() - begin > args.seconds:
            break
    total = time.perf_counter() - begin
    found = {"method": args.method, "learned": sum(p.numel() for p in learned), "lr": args.lr, "seed": args.seed, "texts": seen,
             "seconds": total, "ms_per_text": 1000 * sum(t[2] for t in times) / seen,
             "forward_share": sum(t[0] for t in times) / sum(t[2] for t in times), "threads": torch.get_num_threads()}  # fmt: skip
    if not args.seconds:
        found["validation" if args.validate else "test"] = accuracy(model, test, expected)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
