#!/usr/bin/env python3
"""Checks that a tiny model answers everything it was taught, also after 4-bit rounding.

Usage: examine.py FOLDER
Exits with 1 when an answer is wrong or a margin is under the bar.
"""

import random
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

import chat
import corpus

BAR = {32: 4.0, 8: 4.0, 4: 1.0}


def dialogues():
    """Every question alone, every taught dialogue, and 100 seeded random mixtures."""
    source = random.Random(1)
    known = [corpus.turns(question) for question in corpus.QUESTIONS]
    known += [corpus.name_turns(name) for name in corpus.NAMES]
    for country in corpus.CAPITALS:
        known += corpus.system_turns(country)
    return known + [corpus.random_dialogue(source) for _ in range(100)]


def answer_margins(model, encode, messages):
    """For each answer of a dialogue, given the right history: whether greedy decoding gives exactly
    it, and the smallest distance from the best to the second best logit."""
    ids = encode(chat.render(messages))
    logits = model(torch.tensor([ids])).logits[0]
    for index, message in enumerate(messages):
        if message["role"] != "assistant":
            continue
        first = len(encode(chat.render(messages[:index], generate=True)))
        last = len(encode(chat.render(messages[:index + 1])))
        best = logits[first - 1:last - 1].topk(2, -1)
        exact = best.indices[:, 0].tolist() == ids[first:last]
        yield exact, (best.values[:, 0] - best.values[:, 1]).min().item(), message["content"]


def round_weights(model, bits, group):
    """Rounds every matrix to symmetric integers with one scale per group of weights."""
    for parameter in {id(p): p for p in model.parameters() if p.ndim == 2}.values():
        blocks = parameter.data.reshape(-1, group)
        scale = blocks.abs().amax(1, keepdim=True).clamp_min(1e-12) / (2 ** (bits - 1) - 1)
        parameter.data.copy_(((blocks / scale).round() * scale).reshape(parameter.shape))


@torch.no_grad()
def examine(model, encode, bar):
    """The number of right answers, of all answers, and the smallest margin; prints wrong ones."""
    results = [r for messages in dialogues() for r in answer_margins(model, encode, messages)]
    for exact, margin, answer in results:
        if not exact or margin < bar:
            print(f"  weak: exact {exact} margin {margin:.2f} {answer!r}")
    return sum(exact for exact, _, _ in results), len(results), min(m for _, m, _ in results)


def report(folder):
    """Prints one line per precision; True when all answers are exact with a clear margin."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    good = True
    for bits, group in ((32, 0), (8, 32), (4, 32), (4, 64), (4, 128)):
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        if bits < 32:
            round_weights(model, bits, group)
        right, count, margin = examine(model, lambda text: tokenizer.encode(text).ids,
                                       BAR[bits])
        print(f"{bits} bits, group {group}: {right} of {count} exact, smallest margin {margin:.2f}",
              flush=True)
        good = good and right == count and margin > BAR[bits]
    return good


if __name__ == "__main__":
    sys.exit(not report(Path(sys.argv[1])))
