#!/usr/bin/env python3
"""Writes tests/models/reference.json: what every engine must say, from transformers in f32.

Usage: reference.py [MODELS]      (default tests/models of this repository)
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

import chat
import prompts

MODELS = ("tiny-llama", "tiny-qwen3")
TOP = 10  # tokens kept of a distribution


class Model:
    """A tiny model with its tokenizer, answering greedily."""

    def __init__(self, folder):
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()

    def encode(self, text):
        """Ids of a text; special tokens written in it count as such."""
        return self.tokenizer.encode(text, add_special_tokens=False)

    def render(self, messages):
        """The prompt that asks for the next assistant message."""
        text = self.tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True)
        assert text == chat.render(messages, generate=True)
        return text

    def logits(self, ids):
        """The logits after each of `ids`."""
        return self.model(torch.tensor([ids]), use_cache=False).logits[0]

    def greedy(self, ids, limit):
        """Up to `limit` new ids, the end token included, and the smallest logit margin."""
        new, margin = [], float("inf")
        while len(new) < limit and chat.END not in new:
            best = self.logits(ids + new)[-1].topk(2)
            new.append(best.indices[0].item())
            margin = min(margin, (best.values[0] - best.values[1]).item())
        return new, round(margin, 4)

    def top(self, ids, new):
        """[id, log-probability] of the likeliest tokens at each position of `new`, after `ids`."""
        table = self.logits(ids + new)[len(ids) - 1:-1].log_softmax(-1).topk(TOP)
        return [[[i, round(v, 4)] for i, v in zip(ids, values)]
                for ids, values in zip(table.indices.tolist(), table.values.tolist())]


def known(model, messages):
    """One taught question with the right answer."""
    asked, answer = messages[:-1], messages[-1]["content"]
    prompt = model.render(asked)
    ids = model.encode(prompt)
    new, margin = model.greedy(ids, 200)
    assert new == model.encode(answer) + [chat.END], (asked, model.tokenizer.decode(new))
    return {"messages": asked, "prompt": prompt, "prompt_ids": ids, "answer_ids": new,
            "answer": answer, "margin": margin}


def free(model, prompt):
    """Greedy continuation of a text on which nothing was taught."""
    ids = model.encode(prompt)
    new, margin = model.greedy(ids, prompts.FREE_TOKENS)
    return {"prompt": prompt, "prompt_ids": ids, "ids": new, "margin": margin,
            "top": model.top(ids, new)}


def score(model, text):
    """Log-probability of each token after the first, given all tokens before it."""
    ids = model.encode(text)
    table = model.logits(ids).log_softmax(-1)
    values = [round(table[i - 1, ids[i]].item(), 5) for i in range(1, len(ids))]
    return {"text": text, "ids": ids, "logprobs": values}


def clearest(results):
    """The free texts with the clearest margins, in their own order."""
    bar = sorted((r["margin"] for r in results), reverse=True)[prompts.FREE_COUNT - 1]
    return [r for r in results if r["margin"] >= bar][:prompts.FREE_COUNT]


@torch.no_grad()
def describe(folder):
    """All reference results of one model."""
    model = Model(folder)
    result = {"known": [known(model, messages) for messages in prompts.KNOWN],
              "free": clearest([free(model, prompt) for prompt in prompts.FREE]),
              "score": [score(model, text) for text in prompts.SCORED]}
    for name in ("known", "free"):
        margins = sorted(r["margin"] for r in result[name])
        longest = max(len(r["prompt_ids"]) for r in result[name])
        print(f"{folder.name}: {len(margins)} {name}, smallest margins {margins[:5]}, "
              f"longest prompt {longest} tokens")
    return result


def tokenization(folder):
    """The tricky texts with their ids, which must give the text back."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    for text in prompts.TOKENIZED:
        ids = tokenizer.encode(text, add_special_tokens=False)
        assert tokenizer.decode(ids) == text, text
        yield {"text": text, "ids": ids}


def write(path, result):
    """Writes nested objects indented, with every entry of a list on a line of its own."""
    def lines(value, indent):
        pad = "  " * indent
        if isinstance(value, dict) and any(isinstance(v, (dict, list)) for v in value.values()):
            body = [f'{pad}  "{k}": {lines(v, indent + 1)}' for k, v in value.items()]
            return "{\n" + ",\n".join(body) + f"\n{pad}}}"
        if isinstance(value, list):
            body = [f"{pad}  {json.dumps(v, ensure_ascii=False)}" for v in value]
            return "[\n" + ",\n".join(body) + f"\n{pad}]"
        return json.dumps(value, ensure_ascii=False)

    path.write_text(lines(result, 0) + "\n", encoding="utf-8")


def main():
    folder = Path(__file__).parents[2] / "tests/models"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else folder
    torch.set_num_threads(1)
    packages = ("torch", "transformers", "tokenizers")
    write(folder / "reference.json", {
        "made_with": {name: version(name) for name in packages},
        "special_ids": {text: i for i, text in enumerate(chat.SPECIALS)},
        "tokenization": list(tokenization(folder / MODELS[0])),
        "models": {name: describe(folder / name) for name in MODELS},
    })


if __name__ == "__main__":
    main()
