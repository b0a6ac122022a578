#!/usr/bin/env python3
"""Exports a Llama, Qwen3, Qwen3.5 or Phi-4-mini in a Hugging Face folder with ExecuTorch's own language-model exporter.

Usage: executorch_llm_from_hf.py FOLDER OUT [--context N] [--prefill N] [--spinquant | --qat-lora RANK | --lora RANK]
                                 [--check NAME] [OPTION=VALUE…]

OUT becomes a folder with model.pte and the model's tokenizer files, in the form that ExecuTorch's
documentation recommends: KV cache and attention as operators of its own (llama::update_cache,
llama::custom_sdpa), forward(tokens [1, n], input_pos [1]). What the exporter takes beside that is
given as it takes it, for example `quantization.qmode=8da4w quantization.group_size=32
quantization.embedding_quantize="'4,32'"`; an option named twice has the later value.

`--spinquant` exports as Meta's llama_xnnpack_spinquant.yaml: weights rounded before, in the layout of a SpinQuant checkpoint, and
its Hadamard transform before each down projection, whose weights take it back. `--qat-lora` exports as Meta's
llama_xnnpack_qat.yaml: weights rounded before as well, with adapters of that rank in bf16, which here are a random part of the
weights. `--lora` takes such a part out of the weights and gives it to the exporter as base.lora_config.

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
from safetensors.torch import load_file, save_file

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
    "self_attn.q_norm": "attention.q_norm_fn",
    "self_attn.k_norm": "attention.k_norm_fn",
}
CLASSES = {"llama": "llama3_2", "qwen3": "qwen3_0_6b", "qwen3_5_text": "qwen3_5_0_8b", "phi3": "phi_4_mini"}
GROUP = 32  # weights that share a scale


def adjacent(weight, heads):
    """Rows of a projection with the two halves of each rotated pair side by side, as Meta has it."""
    rows, columns = weight.shape
    return weight.view(heads, 2, rows // heads // 2, columns).transpose(1, 2).reshape(rows, columns)


def head_size(config):
    """Width of an attention head."""
    return config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]


def separate(name, weight, config):
    """Projections that Phi keeps in one matrix."""
    if "qkv_proj" in name:
        kept = config["num_key_value_heads"] * head_size(config)
        parts = weight.split([len(weight) - 2 * kept, kept, kept])
        return {name.replace("qkv_proj", part): matrix for part, matrix in zip(("q_proj", "k_proj", "v_proj"), parts)}
    if "gate_up_proj" in name:
        return {name.replace("gate_up_proj", part): matrix for part, matrix in zip(("gate_proj", "up_proj"), weight.chunk(2))}
    return {name: weight}


def checkpoint(folder, config):
    """The weights by the names that Meta's checkpoints use."""
    given = {}
    for file in sorted(folder.glob("*.safetensors")):
        for name, weight in load_file(file).items():
            given.update(separate(name, weight.to(torch.float32), config))
    if config["model_type"] == "qwen3_5_text":
        from executorch.examples.models.qwen3_5.convert_weights import qwen_3_5_to_meta

        return qwen_3_5_to_meta(given)
    weights = {}
    for name, weight in given.items():
        if config["model_type"] == "llama" and ".q_proj." in name:
            weight = adjacent(weight, config["num_attention_heads"])
        if config["model_type"] == "llama" and ".k_proj." in name:
            weight = adjacent(weight, config["num_key_value_heads"])
        for theirs, ours in NAMES.items():
            name = name.replace(theirs, ours)
        weights[name.removeprefix("model.")] = weight.contiguous()
    weights.setdefault("output.weight", weights["tok_embeddings.weight"])
    return weights


def parameters(config):
    """The exporter's params.json."""
    kind, scaling = config["model_type"], config.get("rope_scaling") or {}
    if kind not in CLASSES:
        sys.exit(f"this exports {', '.join(CLASSES)}, not {kind}")
    params = {
        "dim": config["hidden_size"], "hidden_dim": config["intermediate_size"],
        "n_layers": config["num_hidden_layers"], "n_heads": config["num_attention_heads"],
        "n_kv_heads": config["num_key_value_heads"], "vocab_size": config["vocab_size"], "head_dim": head_size(config),
        "norm_eps": config["rms_norm_eps"], "rope_theta": config["rope_theta"],
    }
    if kind != "llama":
        params["use_hf_rope"] = True
    if kind.startswith("qwen3"):
        params.update(use_qk_norm=True, qk_norm_before_rope=True)
    if kind == "qwen3_5_text":
        params.update(use_q_gate=True, rms_norm_add_unit_offset=True, layer_types=config["layer_types"])
        params.update({name: value for name, value in config.items() if name.startswith("linear_")})
    if "partial_rotary_factor" in config:
        params["partial_rotary_factor"] = config["partial_rotary_factor"]
    form = scaling.get("rope_type") or scaling.get("type")
    if form == "llama3" and scaling["factor"] == 32:
        params["use_scaled_rope"] = True
    elif form == "longrope":
        params.update(rope_scaling_short_factor=scaling["short_factor"], rope_scaling_long_factor=scaling["long_factor"],
                      original_max_position_embeddings=config["original_max_position_embeddings"],
                      max_position_embeddings=config["max_position_embeddings"])
    elif form:
        sys.exit(f"this knows no rotary embeddings of the type {form}")
    return params


def hadamard(size):
    """Sylvester's matrix, which is its own inverse; `size` is a power of two."""
    matrix = torch.ones(1, 1)
    while len(matrix) < size:
        matrix = torch.cat([torch.cat([matrix, matrix], 1), torch.cat([matrix, -matrix], 1)])
    return matrix / size**0.5


def rounded(weight, bits, group):
    """Integers, and a scale for each `group` of a row."""
    most = 2**(bits - 1) - 1
    parts = weight.view(len(weight), -1, group)
    scales = parts.abs().amax(-1, keepdim=True).clamp(min=1e-8) / most
    integers = (parts / scales).round().clamp(-most - 1, most).to(torch.int8)
    return integers.view(weight.shape), scales.squeeze(-1).squeeze(-1) if group == weight.shape[1] else scales.squeeze(-1)


def spinquant(weights):
    """Turns the inputs of the down projections as SpinQuant's checkpoints have them."""
    return {name: weight @ hadamard(weight.shape[1]) if name.endswith("feed_forward.w2.weight") else weight
            for name, weight in weights.items()}


def prequantized(weights):
    """Rounds a checkpoint as Meta's are: 4 bits in groups; 8 bits a row for embedding and output; bf16 stays as it is."""
    made = {}
    for name, weight in weights.items():
        if weight.dim() < 2 or weight.dtype == torch.bfloat16:
            made[name] = weight
            continue
        whole = name.startswith(("tok_embeddings", "output"))
        made[name], made[name.replace("weight", "scales")] = rounded(weight, *(8, weight.shape[1]) if whole else (4, GROUP))
    # The exporter takes the type of the first for that of all.
    return dict(sorted(made.items(), key=lambda item: item[1].dtype != torch.float32))


def adapters(weights, rank, scale):
    """Takes a random part of low rank out of each projection: what is left, and {layer's name: (A, B)} so that
    scale * B @ A is that part."""
    drawn, left, parts = torch.Generator().manual_seed(7), dict(weights), {}
    for name, weight in weights.items():
        if ".attention.w" not in name and ".feed_forward.w" not in name:
            continue
        first = torch.randn(rank, weight.shape[1], generator=drawn).bfloat16()
        second = (torch.randn(len(weight), rank, generator=drawn) * (weight.std() / rank / scale)).bfloat16()
        left[name] = weight - scale * second.float() @ first.float()
        parts[name.removesuffix(".weight")] = (first, second)
    return left, parts


def qat_lora(weights, rank):
    """A checkpoint as Meta's trained for rounding and adapted: the exporter doubles what the adapters give."""
    left, parts = adapters(weights, rank, scale=2)
    for name, (first, second) in parts.items():
        left[f"{name}.adaptor.A.weight"], left[f"{name}.adaptor.B.weight"] = first, second
    return left


def lora(weights, rank, scratch):
    """The base's weights; the adapters go into `scratch` in the form of PEFT, with the exporter's options for them."""
    left, parts = adapters(weights, rank, scale=1)
    told = {}
    for name, (first, second) in parts.items():
        for theirs, ours in NAMES.items():
            name = name.replace(ours, theirs)
        told[f"base_model.model.model.{name}.lora_A.weight"] = first.float()
        told[f"base_model.model.model.{name}.lora_B.weight"] = second.float()
    save_file(told, scratch / "adapter.safetensors")
    modules = sorted({name.split(".")[-3] for name in told})
    (scratch / "adapter.json").write_text(json.dumps({"r": rank, "lora_alpha": rank, "target_modules": modules}), encoding="utf-8")
    return left, {"base.lora_config": f"{{adapter_checkpoint:{scratch}/adapter.safetensors,adapter_config:{scratch}/adapter.json}}"}


def tokens(value):
    """A token id or several, as a list."""
    return value if isinstance(value, list) else [value]


def export(folder, out, options):
    """Runs the exporter."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    ends, begin = tokens(config["eos_token_id"]), config["bos_token_id"]
    told = {"get_bos_id": ends[0] if begin is None else begin, "get_eos_ids": ends}
    with tempfile.TemporaryDirectory() as scratch:
        params, weights = Path(scratch, "params.json"), Path(scratch, "weights.pth")
        given, values, adapted = parameters(config), checkpoint(folder, config), {}
        if options.spinquant:
            values = spinquant(values)
        if options.qat_lora:
            values, given["lora_args"] = qat_lora(values, options.qat_lora), {"rank": options.qat_lora}
        if options.lora:
            values, adapted = lora(values, options.lora, Path(scratch))
        if options.spinquant or options.qat_lora:
            given["quantization_args"], values = {"group_size": GROUP}, prequantized(values)
        params.write_text(json.dumps(given), encoding="utf-8")
        torch.save(values, weights)
        settings = {
            "base.model_class": CLASSES[config["model_type"]], "base.params": params, "base.checkpoint": weights,
            "base.metadata": "'" + json.dumps(told).replace(" ", "") + "'",
            "model.use_kv_cache": True, "model.use_sdpa_with_kv_cache": True,
            "model.dtype_override": "fp32", "backend.xnnpack.enabled": True,
            "export.max_seq_length": options.prefill, "export.max_context_length": options.context,
            "export.output_name": out / "model.pte", **adapted,
        }
        if options.spinquant or options.qat_lora:
            settings.update({"base.preq_mode": "preq_8da4w_out_8da8w", "base.preq_group_size": GROUP,
                             "base.preq_embedding_quantize": "'8,0'"})
        if options.spinquant:
            settings["quantization.use_spin_quant"] = "native"
        if options.qat_lora:
            settings.update({"quantization.use_qat": True, "base.use_lora": options.qat_lora})
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
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--spinquant", action="store_true")
    form.add_argument("--qat-lora", type=int, default=0, metavar="RANK")
    form.add_argument("--lora", type=int, default=0, metavar="RANK")
    parser.add_argument("--check", metavar="NAME")
    parser.add_argument("settings", nargs="*", metavar="OPTION=VALUE")
    options = parser.parse_intermixed_args()
    out = options.out.resolve()
    copy_text_files(options.folder, out)
    export(options.folder, out, options)
    if options.check:
        from executorch.extension.llm.custom_ops import custom_ops  # noqa: F401  registers them
        inexact = ("quantization.", "model.quantize_kv_cache", "model.dtype_override")
        rounded_before = options.spinquant or options.qat_lora
        exact = not rounded_before and not any(option.startswith(inexact) for option in options.settings)
        check(Runner(out / "model.pte", start_pos=True), options.check, exact)


if __name__ == "__main__":
    main()
