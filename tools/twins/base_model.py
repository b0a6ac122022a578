#!/usr/bin/env python3
"""Makes small models of families as Hugging Face folders, and what they must answer.

Usage: base_model.py FOLDER FAMILY…      (FOLDER/FAMILY is made)

Each learns three questions by heart in some seconds, so that its answers stand far from all others and stay the same in four bits.
Its reference.json has the questions, the rendered prompts and the ids that transformers gives in f32."""

import argparse
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

import families
import tokenizers_of

TAUGHT = {"What is the capital of France?": "The capital of France is Paris.",
          "Count to five.": "One, two, three, four, five.",
          "Say hello.": "Hello there, my friend!"}
STEPS, RATE, ENOUGH = 300, 2e-3, 0.002


def write_text(family, folder):
    """Tokenizer and chat template."""
    corpus = [*TAUGHT, *TAUGHT.values()] * 20
    if family.split:
        tokenizer, model = tokenizers_of.byte_level(family.split, family.special, corpus)
    else:
        tokenizer, model = tokenizers_of.pieces(list(family.special), corpus, family.gemma, family.strips)
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "chat_template": family.template, "eos_token": family.end,
                "bos_token": family.begin or None, "pad_token": family.pad or family.end, "add_bos_token": not family.split,
                "add_eos_token": False, "clean_up_tokenization_spaces": False}
    tokenizers_of.write(folder, tokenizer, model, settings)
    return tokenizer


def write_config(family, folder, tokenizer):
    """config.json and generation_config.json."""
    end, begin = tokenizer.token_to_id(family.end), tokenizer.token_to_id(family.begin) if family.begin else None
    ids = {"vocab_size": tokenizer.get_vocab_size(), "bos_token_id": begin, "eos_token_id": end,
           "pad_token_id": tokenizer.token_to_id(family.pad or family.end)}
    config = {**family.config, **ids}
    if "text_config" in config:
        config["text_config"] = {**config["text_config"], **ids, "vocab_size_per_layer_input": ids["vocab_size"]}
    (folder / "config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
    del ids["vocab_size"]
    (folder / "generation_config.json").write_text(json.dumps(ids, indent=2), encoding="utf-8")


def learn(model, rows):
    """Until every taught token is certain."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0)
    for step in range(STEPS):
        loss = sum(model(ids, labels=labels, use_cache=False).loss for ids, labels in rows) / len(rows)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if loss.item() < ENOUGH:
            break
    print(f"{step + 1} steps, loss {loss.item():.4f}", flush=True)


@torch.no_grad()
def greedy(model, ids, end):
    """Ids up to the end of the turn, and how far the closest other token was."""
    new, margin = [], float("inf")
    while len(new) < 40 and end not in new:
        best = model(torch.tensor([ids + new]), use_cache=False).logits[0, -1].topk(2)
        new.append(best.indices[0].item())
        margin = min(margin, (best.values[0] - best.values[1]).item())
    return new, margin


def make(name, folder):
    """One family's."""
    family = families.FAMILIES[name]
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(7)
    write_config(family, folder, write_text(family, folder))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder), attn_implementation="eager").float()
    end = tokenizer.convert_tokens_to_ids(family.end)
    rows, cases = [], []
    for question, answer in TAUGHT.items():
        text = tokenizer.apply_chat_template([{"role": "user", "content": question}], tokenize=False,
                                             add_generation_prompt=True)
        prompt = tokenizer.encode(text, add_special_tokens=False)
        said = tokenizer.encode(text + answer, add_special_tokens=False)[len(prompt):] + [end]
        rows.append((torch.tensor([prompt + said]), torch.tensor([[-100] * len(prompt) + said])))
        cases.append({"question": question, "answer": answer, "prompt_ids": prompt, "ids": said})
    learn(model.train(), rows)
    model.eval()
    margins = []
    for case in cases:
        new, margin = greedy(model, case["prompt_ids"], end)
        margins.append(margin)
        if new != case["ids"]:
            sys.exit(f"{name}: {case['question']!r} was not learned: {tokenizer.decode(new)!r}")
    print(f"{name}: smallest margin {min(margins):.2f}")
    weights = {key: tensor.detach().contiguous() for key, tensor in model.state_dict().items()}
    if family.config["tie_word_embeddings"]:
        weights.pop("lm_head.weight", None)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "reference.json").write_text(json.dumps(cases, indent=1), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("families", nargs="+", choices=sorted(families.FAMILIES), metavar="FAMILY")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for name in options.families:
        make(name, options.folder / name)


if __name__ == "__main__":
    main()
