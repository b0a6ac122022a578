#!/usr/bin/env python3
"""Makes a small Phi-3 with two tables of rotary positions, as onnxruntime-genai's builder writes it.

Usage: onnx_longrope.py FOLDER      (the tests': engines/onnxruntime/testdata/longrope)

Random weights, large enough that positions matter; 32 tokens of original context, 128 in all. Beside
the model: reference.json with the logits after texts on both sides of the border, by transformers in
f32 without a cache. Packages: genai-requirements.txt.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from transformers import Phi3Config, Phi3ForCausalLM

TINY = Path(__file__).resolve().parents[2] / "tests/models/tiny-llama"
ORIGINAL, LONGEST, HEAD = 32, 128, 16
LENGTHS = (20, 32, 33, 60, 100)


def small_model():
    """The model in f32."""
    torch.manual_seed(1)
    pairs = HEAD // 2
    config = Phi3Config(
        vocab_size=512, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=1, max_position_embeddings=LONGEST,
        original_max_position_embeddings=ORIGINAL, sliding_window=None, pad_token_id=0,
        bos_token_id=1, eos_token_id=2, tie_word_embeddings=False,
        rope_scaling={"type": "longrope", "rope_type": "longrope", "rope_theta": 10000.0,
                      "original_max_position_embeddings": ORIGINAL,
                      "short_factor": [1.0 + 0.05 * i for i in range(pairs)],
                      "long_factor": [1.0 + 0.9 * i for i in range(pairs)]})
    model = Phi3ForCausalLM(config).eval()
    for name, weight in model.named_parameters():
        if weight.dim() == 2:
            torch.nn.init.normal_(weight, std=1.5 / weight.shape[1] ** 0.5)
    return model


def tokens(count):
    """Ids that repeat nothing."""
    return [6 + i * 37 % 500 for i in range(count)]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    target, model = Path(sys.argv[1]), small_model()
    shutil.rmtree(target, ignore_errors=True)
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "model"
        model.save_pretrained(source)
        for name in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(TINY / name, source)
        subprocess.run([sys.executable, "-m", "onnxruntime_genai.models.builder", "-i", str(source),
                        "-o", str(target), "-p", "fp32", "-e", "cpu", "-c", scratch,
                        "--extra_options", "hf_token=false"], check=True)
    for file in target.iterdir():
        if not file.name.startswith("model.onnx") and file.name != "genai_config.json":
            file.unlink()
    rows = []
    for length in LENGTHS:
        with torch.no_grad():
            logits = model(torch.tensor([tokens(length)]), use_cache=False).logits[0, -1]
        rows.append({"tokens": tokens(length), "logits": [round(x, 5) for x in logits.tolist()]})
    (target / "reference.json").write_text(json.dumps(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
