#!/usr/bin/env python3
"""Exports a Llama in a Hugging Face folder with ExecuTorch's own language-model exporter.

Usage: executorch_llm_from_hf.py FOLDER OUT [--context N] [--prefill N] [--check NAME] [OPTION=VALUE…]

OUT becomes a folder with model.pte and the model's tokenizer files, in the form that ExecuTorch's
documentation recommends: KV cache and attention as operators of its own (llama::update_cache,
llama::custom_sdpa), forward(tokens [1, n], input_pos [1]). What the exporter takes beside that is
given as it takes it, for example `quantization.qmode=8da4w quantization.group_size=32
quantization.embedding_quantize="'4,32'"`; an option named twice has the later value.

`--check` runs the result in ExecuTorch's Python runtime, with its library of these operators,
against the model NAME of tests/models/reference.json. Python packages: those of
executorch_from_hf.py, then executorch_llm-requirements.txt, all with `--no-deps`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file

from executorch_from_hf import Runner, check
from fixture import copy_text_files

NAMES = {
    "model.embed_tokens.weight": "tok_embeddings.weight",
    "model.norm.weight": "norm.weight",
    "lm_head.weight": "output.weight",
    "input_layernorm": "attention_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attention.wq",
    "self_attn.k_proj": "attention.wk",
    "self_attn.v_proj": "attention.wv",
    "self_attn.o_proj": "attention.wo",
    "mlp.gate_proj": "feed_forward.w1",
    "mlp.down_proj": "feed_forward.w2",
    "mlp.up_proj": "feed_forward.w3",
}


def adjacent(weight, heads):
    """Rows of a projection with the two halves of each rotated pair side by side, as Meta has it."""
    rows, columns = weight.shape
    return weight.view(heads, 2, rows // heads // 2, columns).transpose(1, 2).reshape(rows, columns)


def checkpoint(folder, config):
    """The weights by the names that Meta's checkpoints use."""
    weights = {}
    for file in sorted(folder.glob("*.safetensors")):
        for name, weight in load_file(file).items():
            weight = weight.to(torch.float32)
            if ".q_proj." in name:
                weight = adjacent(weight, config["num_attention_heads"])
            if ".k_proj." in name:
                weight = adjacent(weight, config["num_key_value_heads"])
            for theirs, ours in NAMES.items():
                name = name.replace(theirs, ours)
            weights[name.removeprefix("model.")] = weight
    weights.setdefault("output.weight", weights["tok_embeddings.weight"])
    return weights


def parameters(config):
    """The exporter's params.json."""
    if config["model_type"] != "llama" or config.get("rope_scaling"):
        sys.exit("this exports Llama models with plain rotary embeddings")
    return {
        "dim": config["hidden_size"], "hidden_dim": config["intermediate_size"],
        "n_layers": config["num_hidden_layers"], "n_heads": config["num_attention_heads"],
        "n_kv_heads": config["num_key_value_heads"], "vocab_size": config["vocab_size"],
        "norm_eps": config["rms_norm_eps"], "rope_theta": config["rope_theta"],
    }


def tokens(value):
    """A token id or several, as a list."""
    return value if isinstance(value, list) else [value]


def export(folder, out, options):
    """Runs the exporter."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    told = {"get_bos_id": config["bos_token_id"], "get_eos_ids": tokens(config["eos_token_id"])}
    with tempfile.TemporaryDirectory() as scratch:
        params, weights = Path(scratch, "params.json"), Path(scratch, "weights.pth")
        params.write_text(json.dumps(parameters(config)), encoding="utf-8")
        torch.save(checkpoint(folder, config), weights)
        settings = {
            "base.model_class": "llama3_2", "base.params": params, "base.checkpoint": weights,
            "base.metadata": "'" + json.dumps(told).replace(" ", "") + "'",
            "model.use_kv_cache": True, "model.use_sdpa_with_kv_cache": True,
            "model.dtype_override": "fp32", "backend.xnnpack.enabled": True,
            "export.max_seq_length": options.prefill, "export.max_context_length": options.context,
            "export.output_name": out / "model.pte",
        }
        settings.update(option.split("=", 1) for option in options.settings)
        subprocess.run([sys.executable, "-m", "executorch.extension.llm.export.export_llm",
                        *(f"{name}={value}" for name, value in settings.items())],
                       check=True, cwd=scratch)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--context", type=int, default=1024, help="tokens the KV cache holds")
    parser.add_argument("--prefill", type=int, default=129,
                        help="one call takes a token less than this")
    parser.add_argument("--check", metavar="NAME")
    parser.add_argument("settings", nargs="*", metavar="OPTION=VALUE")
    options = parser.parse_intermixed_args()
    out = options.out.resolve()
    copy_text_files(options.folder, out)
    export(options.folder, out, options)
    if options.check:
        from executorch.extension.llm.custom_ops import custom_ops  # noqa: F401  registers them
        rounded = ("quantization.", "model.quantize_kv_cache", "model.dtype_override")
        exact = not any(option.startswith(rounded) for option in options.settings)
        check(Runner(out / "model.pte", start_pos=True), options.check, exact)


if __name__ == "__main__":
    main()
