"""What exporters do beside exporting: copy a model's text files, ask it the committed questions."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np

REFERENCE = Path(__file__).resolve().parents[2] / "tests/models/reference.json"
TEXT_FILES = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json",
              "chat_template.jinja", "special_tokens_map.json")


def copy_text_files(source, target):
    """Copies configuration, tokenizer and chat template of a Hugging Face folder."""
    target.mkdir(parents=True, exist_ok=True)
    for name in TEXT_FILES:
        if (source / name).exists():
            shutil.copy(source / name, target / name)


def row_predictions(logits, prompt, answer):
    """The likeliest token at each place of `answer`; equal to it if and only if greedy gives it."""
    rows = np.asarray(logits(prompt + answer), dtype=np.float32)
    return rows[len(prompt) - 1:-1].argmax(-1).tolist()


def check(folder, label, logits, f32=False):
    """Ends the program unless a tiny model gives every known answer, prints how far the rest is.

    `logits(ids)` returns one row per id. With `f32` the free texts must be the same too and
    log-probabilities within 0.001. Models without an entry in reference.json are not asked."""
    reference = json.loads(REFERENCE.read_text(encoding="utf-8"))["models"].get(folder.name)
    if reference is None:
        print(f"{label}: no reference answers for {folder.name}, none checked")
        return
    wrong = [r["prompt"] for r in reference["known"]
             if row_predictions(logits, r["prompt_ids"], r["answer_ids"]) != r["answer_ids"]]
    if wrong:
        sys.exit(f"{label}: {len(wrong)} known answers differ, the first to {wrong[0]!r}")
    same = sum(row_predictions(logits, r["prompt_ids"], r["ids"]) == r["ids"]
               for r in reference["free"])
    worst = max(np.abs(log_probabilities(logits, r["ids"]) - r["logprobs"]).max()
                for r in reference["score"])
    print(f"{label}: {len(reference['known'])} known answers exact, {same} of "
          f"{len(reference['free'])} free texts the same, log-probabilities within {worst:.5f}")
    if f32 and (same < len(reference["free"]) or worst > 1e-3):
        sys.exit(f"{label}: this is too far for f32")


def log_probabilities(logits, ids):
    """Log-probability of each token after the first."""
    rows = np.asarray(logits(ids), dtype=np.float64)[:-1]
    rows -= rows.max(-1, keepdims=True)
    rows -= np.log(np.exp(rows).sum(-1, keepdims=True))
    return rows[np.arange(len(ids) - 1), ids[1:]]
