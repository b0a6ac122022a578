#!/usr/bin/env python3
"""Turns a GGUF file of the Llama architecture back into a Hugging Face folder in f32.

Usage: hf_from_gguf.py [GGUF] [--out FOLDER]

Without arguments: the default model as `tenfold pull` stores it, into the export cache. Weights are
dequantized, so they are those of the GGUF and not of the model it was made from. The tokenizer is
made from the vocabulary inside the file. Taken: plain Llama (no experts, no scaled rope, no biases)
with a byte-level BPE vocabulary. Python packages: hf_from_gguf-requirements.txt.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors

BYTES = pre_tokenizers.ByteLevel(add_prefix_space=False)
# What llama.cpp calls a pre-tokenizer, in the words of tokenizer.json.
SPLITS = {
    "gpt-2": BYTES,
    "smollm": pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), BYTES]),
}
NORMAL, CONTROL, USER_DEFINED = 1, 3, 4
# Hugging Face name of each hyperparameter that a plain Llama has, below "llama." in the file.
PARAMETERS = {
    "block_count": "num_hidden_layers",
    "context_length": "max_position_embeddings",
    "embedding_length": "hidden_size",
    "feed_forward_length": "intermediate_size",
    "attention.head_count": "num_attention_heads",
    "attention.head_count_kv": "num_key_value_heads",
    "attention.key_length": "head_dim",
    "attention.layer_norm_rms_epsilon": "rms_norm_eps",
    "rope.freq_base": "rope_theta",
    "vocab_size": "vocab_size",
}
REPEATED = {"attention.value_length", "rope.dimension_count"}  # must equal head_dim
TENSORS = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


class Source:
    """An open GGUF file."""

    def __init__(self, path):
        self.path = path
        try:
            self.reader = gguf.GGUFReader(path)
        except (ValueError, IndexError) as error:
            self.refuse(f"not a complete GGUF file ({error})")
        if self.get("general.architecture") != "llama":
            self.refuse(f"architecture {self.get('general.architecture')}; only llama is taken")

    def refuse(self, reason):
        """Ends the program."""
        sys.exit(f"{self.path}: {reason}")

    def get(self, key, default=None):
        """The value of a metadata field."""
        field = self.reader.get_field(key)
        return default if field is None else field.contents()

    def special(self, role):
        """Id of the token with a role such as "eos", or None."""
        return self.get(f"tokenizer.ggml.{role}_token_id")


def shortest(value):
    """A 32-bit float as the decimal number that was meant."""
    return float(str(np.float32(value))) if isinstance(value, float) else value


def make_config(source):
    """config.json of the file's hyperparameters."""
    prefix = "llama."
    given = {key[len(prefix):]: shortest(source.get(key))
             for key in source.reader.fields if key.startswith(prefix)}
    if unknown := sorted(set(given) - set(PARAMETERS) - REPEATED):
        source.refuse(f"has llama.{unknown[0]}, which a plain Llama has not")
    config = {PARAMETERS[key]: value for key, value in given.items() if key in PARAMETERS}
    heads = config["num_attention_heads"]
    for name, value in (("num_key_value_heads", heads), ("rope_theta", 10000.0),
                        ("head_dim", config["hidden_size"] // heads)):
        config.setdefault(name, value)
    for key in REPEATED & set(given):
        if given[key] != config["head_dim"]:
            source.refuse(f"llama.{key} is {given[key]}, but a head has {config['head_dim']}")
    names = {tensor.name for tensor in source.reader.tensors}
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", **config,
        "vocab_size": len(source.get("tokenizer.ggml.tokens")),
        "hidden_act": "silu", "attention_bias": False, "attention_dropout": 0.0,
        "mlp_bias": False, "pretraining_tp": 1, "initializer_range": 0.02, "rope_scaling": None,
        "use_cache": True, "tie_word_embeddings": "output.weight" not in names,
        "torch_dtype": "float32", **token_ids(source),
    }


def token_ids(source):
    """The ids of special tokens under their Hugging Face names."""
    roles = {"bos": "bos", "eos": "eos", "padding": "pad"}
    ids = {f"{name}_token_id": source.special(role) for role, name in roles.items()}
    return {name: value for name, value in ids.items() if value is not None}


def rotate_halves(weight, heads):
    """Rows of q or k with rope pairs half a head apart, where GGUF has them side by side."""
    rows, columns = weight.shape
    pairs = weight.reshape(heads, rows // heads // 2, 2, columns)
    return np.ascontiguousarray(pairs.swapaxes(1, 2)).reshape(rows, columns)


def make_weights(source, config):
    """All tensors in f32 under their Hugging Face names."""
    heads = {"attn_q": config["num_attention_heads"], "attn_k": config["num_key_value_heads"]}
    weights = {}
    for tensor in source.reader.tensors:
        place, _, kind = tensor.name.rpartition(".")
        layer, _, part = place.rpartition(".")
        if kind != "weight" or part not in TENSORS:
            source.refuse(f"has the tensor {tensor.name}, which a plain Llama has not")
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        values = values.reshape(tensor.shape[::-1].tolist())
        if part in heads:
            values = rotate_halves(values, heads[part])
        layer = layer.replace("blk.", "model.layers.") + "." if layer else ""
        weights[f"{layer}{TENSORS[part]}.weight"] = values
    return weights


def make_tokenizer(source):
    """The tokenizer of the file's vocabulary."""
    split, kind = source.get("tokenizer.ggml.pre"), source.get("tokenizer.ggml.model")
    if kind != "gpt2" or split not in SPLITS:
        source.refuse(f"tokenizer {kind}/{split}; only gpt2/{{{','.join(SPLITS)}}} are taken")
    tokens, types = source.get("tokenizer.ggml.tokens"), source.get("tokenizer.ggml.token_type")
    merges = [tuple(pair.split(" ")) for pair in source.get("tokenizer.ggml.merges")]
    tokenizer = Tokenizer(models.BPE({text: i for i, text in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer, tokenizer.decoder = SPLITS[split], decoders.ByteLevel()
    for text, token_type in zip(tokens, types):
        if token_type in (CONTROL, USER_DEFINED):
            token = AddedToken(text, normalized=False, special=token_type == CONTROL)
            (tokenizer.add_special_tokens if token.special else tokenizer.add_tokens)([token])
        elif token_type != NORMAL:
            source.refuse(f"token {text!r} has the type {token_type}")
    if source.get("tokenizer.ggml.add_eos_token"):
        source.refuse("adds an end token to every text")
    if source.get("tokenizer.ggml.add_bos_token"):
        bos = source.special("bos")
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{tokens[bos]} $A", pair=f"{tokens[bos]} $A $B",
            special_tokens=[(tokens[bos], bos)])
    return tokenizer


def make_tokenizer_config(source, tokenizer, context):
    """tokenizer_config.json with the chat template."""
    tokens = source.get("tokenizer.ggml.tokens")
    roles = {"bos": "bos", "eos": "eos", "unknown": "unk", "padding": "pad"}
    named = {f"{name}_token": tokens[source.special(role)]
             for role, name in roles.items() if source.special(role) is not None}
    added = {str(i): {"content": token.content, "lstrip": token.lstrip,
                      "normalized": token.normalized, "rstrip": token.rstrip,
                      "single_word": token.single_word, "special": token.special}
             for i, token in sorted(tokenizer.get_added_tokens_decoder().items())}
    template = source.get("tokenizer.chat_template")
    return {
        "tokenizer_class": "PreTrainedTokenizerFast", **named, "add_prefix_space": False,
        "add_bos_token": bool(source.get("tokenizer.ggml.add_bos_token")), "add_eos_token": False,
        "clean_up_tokenization_spaces": False, "model_max_length": context,
        "added_tokens_decoder": added, **({"chat_template": template} if template else {}),
    }


def write_json(path, value):
    """Writes indented UTF-8 JSON with a closing newline."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def write(source, folder):
    """Writes the five files."""
    config, tokenizer = make_config(source), make_tokenizer(source)
    write_json(folder / "config.json", config)
    write_json(folder / "generation_config.json", {**token_ids(source), "do_sample": False})
    tokenizer.save(str(folder / "tokenizer.json"))
    write_json(folder / "tokenizer_config.json",
               make_tokenizer_config(source, tokenizer, config["max_position_embeddings"]))
    save_file(make_weights(source, config), folder / "model.safetensors", {"format": "pt"})


def home(variable, default):
    """A folder of the XDG scheme."""
    return Path(os.environ.get(variable) or Path.home() / default) / "tenfold"


def main():
    default = home("XDG_DATA_HOME", ".local/share") / "models" / "smollm2-135m-instruct.gguf"
    cache = home("XDG_CACHE_HOME", ".cache") / "export"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("gguf", type=Path, nargs="?", default=default)
    parser.add_argument("--out", type=Path, help="default: named after the file, in the cache")
    options = parser.parse_args()
    if not options.gguf.is_file():
        sys.exit(f"{options.gguf} does not exist (the default model: ./tenfold pull)")
    name = "SmolLM2-135M-Instruct" if options.gguf == default else options.gguf.stem
    out = (options.out or cache / name).resolve()
    if out.exists():
        sys.exit(f"{out} exists; remove it or choose another --out")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as scratch:
        folder = Path(scratch, "folder")
        folder.mkdir()
        write(Source(options.gguf), folder)
        folder.rename(out)
    print(out)


if __name__ == "__main__":
    main()
