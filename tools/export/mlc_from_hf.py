#!/usr/bin/env python3
"""Exports a Hugging Face folder to MLC: weights as MLC-LLM writes them, and a compiled CPU library.

Usage: mlc_from_hf.py FOLDER --type q0f32 [--type q4f32_1] [--out FOLDER] [--level x86-64-v2]
                      [--hub]

Writes OUT/mlc-TYPE with mlc-chat-config.json, tensor-cache.json, params_shard_*.bin, the tokenizer
files and NAME-TYPE-cpu.so. MLC-LLM's compiler is in no registry: the network (mlc_model.py) is
written for TVM's frontend with MLC's functions, parameter names and weight formats. A folder whose
name is in tests/models/reference.json is compared with it (mlc_check.py); any other is run once.
Floats of q4f32_1 are stored as bf16, as MLC does; q0f32 keeps all 32 bits. --hub writes what
mlc-ai publishes: ndarray-cache.json, and no library. Python packages: mlc-requirements.txt.
"""

import argparse
import contextlib
import json
import shutil
import sys
import tempfile
from pathlib import Path

import ml_dtypes  # noqa: F401, pylint: disable=unused-import  (lets numpy know bfloat16)
import numpy as np
from safetensors.numpy import load_file
from tvm.contrib import tvmjs

import mlc_check
from mlc_library import LEVELS, compile_library, network
from mlc_linear import FLOATS
from mlc_pack import pack
from mlc_shape import QKV, Shape

REFERENCE = Path(__file__).resolve().parents[2] / "tests" / "models" / "reference.json"
# What MLC's gen_config keeps of a config.json: the fields of its classes (mlc_llm/model/*/).
SIZES = ("hidden_size", "intermediate_size", "num_attention_heads", "num_hidden_layers",
         "num_key_value_heads", "head_dim", "rms_norm_eps")
KEPT = {
    "llama": (*SIZES, "vocab_size", "tie_word_embeddings", "rope_scaling"),
    "mistral": (*SIZES, "vocab_size"),
    "qwen2": (*SIZES, "vocab_size", "hidden_act", "rope_theta", "tie_word_embeddings"),
    "qwen3": (*SIZES, "vocab_size", "hidden_act", "rope_theta", "tie_word_embeddings",
              "attention_bias"),
    "gemma3_text": (*SIZES, "attention_bias", "hidden_activation", "query_pre_attn_scalar"),
}
COPIED = ("tokenizer.json", "tokenizer_config.json")


def load(folder):
    """The weights in f32 by name."""
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise FileNotFoundError(f"{folder} has no *.safetensors")
    return {name: value.astype("float32") for file in files
            for name, value in load_file(file).items()}


def fuse(weights, shape):
    """The weights under MLC's names: gate and up are one matrix, often q, k, v another."""
    def join(layer, place, names, target):
        for part in ("weight", "bias"):
            if f"{layer}.{place}.{names[0]}.{part}" in weights:
                weights[f"{layer}.{place}.{target}.{part}"] = np.concatenate(
                    [weights.pop(f"{layer}.{place}.{name}.{part}") for name in names])

    for layer in (f"model.layers.{i}" for i in range(shape.layers)):
        if target := QKV[shape.model_type]:
            join(layer, "self_attn", ("q_proj", "k_proj", "v_proj"), target)
        join(layer, "mlp", ("gate_proj", "up_proj"), "gate_up_proj")
    if shape.tied:
        weights.pop("lm_head.weight", None)
    if not shape.gemma:
        return weights
    return {f"language_model.{name}": value + 1 if value.ndim == 1 else value
            for name, value in weights.items()}


def arrays(weights, quantization, parameters):
    """The arrays that the library takes, in its order."""
    packed = {}
    for name, value in weights.items():
        stem = name.removesuffix("weight")
        packed.update({stem + part if part else name: array
                       for part, array in pack(value, quantization).items()})
    names = [name for name, _ in parameters]
    if different := set(names) ^ set(packed):
        raise ValueError(f"weights and library differ: {', '.join(sorted(different))}")
    for name, parameter in parameters:
        if list(packed[name].shape) != list(map(int, parameter.shape)):
            raise ValueError(f"{name} has the wrong shape for config.json")
    return {name: packed[name] for name in names}


def published(config, shape):
    """The model_config that mlc-ai publishes."""
    kind = config["model_type"]
    kept = {name: config[name] for name in KEPT[kind] if name in config}
    if "rope_theta" not in kept:
        kept["position_embedding_base"] = int(config["rope_theta"])
    if shape.gemma:
        others = {name: value for name, value in config.items() if name not in kept}
        kept = {"text_config": {**kept, "rope_scaling": 0, "kwargs": others},
                "vocab_size": config["vocab_size"], "is_text_model": True}
    return kept


def chat_config(folder, shape, quantization, config, model):
    """mlc-chat-config.json. MLC's template "LM" is plain text: the chat template of the model is in
    tokenizer_config.json."""
    file = folder / "generation_config.json"
    given = {**config, **(json.loads(file.read_text("utf-8")) if file.exists() else {})}
    ids = {f"{role}_token_id": given.get(f"{role}_token_id") for role in ("pad", "bos", "eos")}
    stop = ids["eos_token_id"]
    return {
        "version": "0.1.0", "model_type": shape.model_type, "quantization": quantization,
        "model_config": {**model, "context_window_size": shape.context,
                         "prefill_chunk_size": shape.chunk, "tensor_parallel_shards": 1},
        "vocab_size": shape.vocabulary, "active_vocab_size": shape.vocabulary,
        "context_window_size": shape.context, "sliding_window_size": -1,
        "prefill_chunk_size": shape.chunk, "attention_sink_size": -1,
        "tensor_parallel_shards": 1, "pipeline_parallel_stages": 1,
        "temperature": given.get("temperature", 1.0), "top_p": given.get("top_p", 1.0),
        "presence_penalty": 0.0, "frequency_penalty": 0.0,
        "repetition_penalty": given.get("repetition_penalty", 1.0),
        "tokenizer_files": [name for name in COPIED if (folder / name).exists()],
        "tokenizer_info": {"token_postproc_method": "byte_level",
                           "prepend_space_in_encode": False, "strip_space_in_decode": False},
        "conv_template": {
            "name": "LM", "system_template": "{system_message}", "system_message": "",
            "roles": {"user": "", "assistant": ""}, "seps": [""], "role_content_sep": "",
            "role_empty_sep": "", "stop_str": [],
            "stop_token_ids": stop if isinstance(stop, list) else [stop]},
        **ids,
    }


def write(folder, shape, quantization, target, hub=False):
    """Writes one MLC folder without its library; `hub`: as mlc-ai publishes it."""
    config = json.loads((folder / "config.json").read_text("utf-8"))
    weights = arrays(fuse(load(folder), shape), quantization, network(shape, quantization)[1])
    size = sum(value.nbytes for value in weights.values())
    with contextlib.redirect_stdout(None):
        tvmjs.dump_tensor_cache(
            weights, str(target), show_progress=False,
            encode_format="f32-to-bf16" if quantization == "q4f32_1" else "raw",
            meta_data={"ParamSize": len(weights), "ParamBytes": size})
    (target / "tensor-cache-b16.json").unlink(missing_ok=True)  # for GPUs that compute in bf16
    model = published(config, shape) if hub else config
    described = chat_config(folder, shape, quantization, config, model)
    (target / "mlc-chat-config.json").write_text(
        json.dumps(described, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    for name in described["tokenizer_files"]:
        shutil.copyfile(folder / name, target / name)
    if hub:
        (target / "tensor-cache.json").rename(target / "ndarray-cache.json")


def verify(name, target, library, quantization):
    """Compares with the reference where there is one."""
    models = json.loads(REFERENCE.read_text("utf-8"))["models"]
    if name in models:
        return mlc_check.check(target, library, models[name], quantization == "q0f32")
    mlc_check.Runner(target, library).greedy([1, 2, 3], 4)
    return "no reference of this model: run once, answers not compared"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--type", action="append", dest="kinds", required=True,
                        choices=sorted(FLOATS))
    parser.add_argument("--out", type=Path, help="default: the folder itself")
    parser.add_argument("--level", default="x86-64-v2", choices=sorted(LEVELS),
                        help="instructions that the library uses")
    parser.add_argument("--hub", action="store_true", help="as mlc-ai publishes: no library")
    options = parser.parse_args()
    folder, out = options.folder.resolve(), (options.out or options.folder).resolve()
    try:
        shape = Shape.of(json.loads((folder / "config.json").read_text("utf-8")))
    except (OSError, ValueError) as error:
        sys.exit(f"{folder}: {error}")
    out.mkdir(parents=True, exist_ok=True)
    for kind in options.kinds:
        with tempfile.TemporaryDirectory(dir=out) as scratch:
            fresh, target = Path(scratch, "mlc"), out / f"mlc-{kind}"
            fresh.mkdir()
            write(folder, shape, kind, fresh, options.hub)
            if options.hub:
                print(target)
            else:
                library = fresh / f"{folder.name}-{kind}-cpu.so"
                compile_library(shape, kind, options.level, library)
                print(f"{target}: {verify(folder.name, fresh, library, kind)}")
            if target.exists():
                shutil.rmtree(target)
            fresh.rename(target)


if __name__ == "__main__":
    main()
