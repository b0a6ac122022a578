#!/usr/bin/env python3
"""Trains one tiny chat model from scratch on the CPU and writes it as a Hugging Face folder.

Usage: train.py --arch llama|qwen3 [--out FOLDER]
"""

import argparse
import math
import random
import sys
import time
from pathlib import Path

import torch
from safetensors.torch import save_file

import architecture
import chat
import corpus
import examine

SEED, BATCH, PEAK_RATE, WARMUP = 7, 32, 2e-3, 100
PLAIN_SHARE = 0.1
STEPS = {"llama": 2000, "qwen3": 2600}
NAME_SHARE = {"llama": 0.12, "qwen3": 0.16}


def sample(source, encode, names):
    """One training row: ids, and labels that are -100 where nothing is to be learned."""
    if source.random() < PLAIN_SHARE:
        ids = encode(corpus.random_plain(source)) + [chat.END]
        return [chat.BOS] + ids, [-100] + ids
    ids, labels = [chat.BOS], [-100]
    for message in corpus.random_dialogue(source, names):
        part = encode(f"<|{message['role']}|>{message['content']}<|end|>")
        learned = message["role"] == "assistant"
        ids += part
        labels += [-100] + part[1:] if learned else [-100] * len(part)
    return ids, labels


def batches(source, encode, names, steps):
    """Batches of rows of similar length, eight batches drawn at a time."""
    for _ in range(0, steps, 8):
        rows = [sample(source, encode, names) for _ in range(8 * BATCH)]
        rows.sort(key=lambda row: len(row[0]))
        groups = [rows[i:i + BATCH] for i in range(0, len(rows), BATCH)]
        source.shuffle(groups)
        for group in groups:
            width = len(group[-1][0])
            yield (torch.tensor([ids + [chat.PAD] * (width - len(ids)) for ids, _ in group]),
                   torch.tensor([y + [-100] * (width - len(y)) for _, y in group]))


def rate(step, steps):
    """Learning rate: linear warm-up, then cosine down to a fiftieth."""
    cosine = 0.5 * (1 + math.cos(math.pi * step / steps))
    return PEAK_RATE * min(1, (step + 1) / WARMUP) * (0.98 * cosine + 0.02)


def train(model, encode, names, steps):
    """Runs all steps, printing the loss every hundredth."""
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.05, betas=(0.9, 0.98))
    start = time.time()
    rows = batches(random.Random(SEED), encode, names, steps)
    for step, (ids, labels) in zip(range(steps), rows):
        for group in optimizer.param_groups:
            group["lr"] = rate(step, steps)
        loss = model(ids, labels=labels, use_cache=False).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 100 == 0 or step == steps - 1:
            print(f"step {step} loss {loss.item():.4f} {time.time() - start:.0f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--arch", choices=sorted(architecture.CONFIGS), required=True)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    folder = options.out or Path(__file__).parents[2] / "tests/models" / f"tiny-{options.arch}"
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    torch.set_num_threads(2)

    tokenizer = chat.train_tokenizer()
    model = architecture.build(options.arch)
    print(f"{sum(p.numel() for p in model.parameters())} parameters")
    train(model.train(), lambda text: tokenizer.encode(text).ids, NAME_SHARE[options.arch],
          STEPS[options.arch])

    weights = {name: p.detach().contiguous() for name, p in model.named_parameters()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    architecture.save_config(options.arch, folder)
    chat.save(tokenizer, folder)
    sys.exit(not examine.report(folder))


if __name__ == "__main__":
    main()
