#!/usr/bin/env python3
"""Makes a tiny random model of each architecture that src/formats/decoder_spec.h knows, with what transformers says of it.

Usage: decoders.py OUT   writes OUT/NAME/{config.json,model.safetensors,reference.json} for each

reference.json has the tokens of a text, and by the number of tokens the logits of the last of them and the last hidden states' mean, in f32. The weights are bf16, and
computed with as f32; they are far from zero, so that a part that is left out is seen. Python packages: requirements.txt.
"""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForCausalLM

TOKENS = 48
SIZES = dict(hidden_size=32, intermediate_size=48, num_attention_heads=4, num_key_value_heads=2, num_hidden_layers=2, vocab_size=96,
             max_position_embeddings=128, bos_token_id=None, eos_token_id=None, pad_token_id=None)
LLAMA3 = dict(rope_type="llama3", rope_theta=10000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=64)
LONG = dict(rope_type="longrope", rope_theta=10000.0, short_factor=[1.0, 1.1, 1.2], long_factor=[1.5, 3.0, 6.0],
            original_max_position_embeddings=32, partial_rotary_factor=0.75)
KINDS = {
    "llama": ("llama", dict(rope_parameters=LLAMA3, attention_bias=True, mlp_bias=True, tie_word_embeddings=False)),
    "mistral": ("mistral", dict(sliding_window=12, head_dim=12)),
    "qwen2": ("qwen2", dict(use_sliding_window=True, sliding_window=10, max_window_layers=1, tie_word_embeddings=True)),
    "qwen3": ("qwen3", dict(head_dim=16, rope_parameters=dict(rope_type="linear", rope_theta=10000.0, factor=2.0))),
    "gemma2": ("gemma2", dict(head_dim=16, sliding_window=9, query_pre_attn_scalar=20, attn_logit_softcapping=5.0,
                              final_logit_softcapping=4.0)),
    "gemma3": ("gemma3_text", dict(head_dim=16, sliding_window=8, query_pre_attn_scalar=20,
                                   layer_types=["sliding_attention", "full_attention"])),
    "phi3": ("phi3", dict(rope_parameters=LONG, original_max_position_embeddings=32, sliding_window=None)),
    "smollm3": ("smollm3", dict(no_rope_layer_interval=2, use_sliding_window=False)),
    "granite": ("granite", dict(embedding_multiplier=3.0, residual_multiplier=0.4, attention_multiplier=0.2, logits_scaling=2.0)),
    "olmo2": ("olmo2", {}),
    "stablelm": ("stablelm", dict(use_qkv_bias=True, partial_rotary_factor=0.5)),
}


def rounded(values):
    return [float(f"{value:.6g}") for value in values.tolist()]


def make(kind, changes, folder):
    """One model with its reference."""
    torch.manual_seed(len(folder.name))
    config = AutoConfig.for_model(kind, **{**SIZES, **changes})
    config._attn_implementation = "eager"
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            scale = 0.3 if weight.dim() == 1 else 1.5 / weight.shape[-1] ** 0.5
            centre = 1.0 if "norm" in name and name.endswith("weight") and not kind.startswith("gemma") else 0.0
            weight.copy_((centre + scale * torch.randn_like(weight)).bfloat16().float())
    tokens = torch.randint(0, SIZES["vocab_size"], (TOKENS,)).tolist()
    rows, means = {}, {}
    with torch.no_grad():
        for count in (20, 32, 33, TOKENS):
            out = model(torch.tensor([tokens[:count]]), use_cache=False, output_hidden_states=True)
            rows[count] = rounded(out.logits[0, -1])
            means[count] = rounded(out.hidden_states[-1][0].mean(0))
    model.bfloat16().save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    (folder / "reference.json").write_text(json.dumps({"tokens": tokens, "logits": rows, "means": means}) + "\n", encoding="utf-8")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for name, (kind, changes) in KINDS.items():
        make(kind, changes, Path(sys.argv[1]) / name)


if __name__ == "__main__":
    main()
