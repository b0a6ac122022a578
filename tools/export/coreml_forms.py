#!/usr/bin/env python3
"""Makes Core ML packages of tiny random decoders in the forms in which people publish them.

Usage: coreml_forms.py OUT [NAME …]

OUT/NAME.mlpackage, and OUT/NAME.json with token ids and the logits that PyTorch gives for them in
f32 (for compressed weights: with the weights that coremltools itself decompresses). Names:
  ios15-fixed, ios16-enumerated, ios17-ranged   stateless, of one, of several and of any lengths
  ios16-affine, ios16-palettes, ios16-sparse    weights compressed by operations of iOS 16
  ios18-blockwise, ios18-palettes               likewise of iOS 18: int4 by blocks, palettes by groups
  ios18-functions                               decode and prefill over one state, by position
  cache-inputs                                  keys and values come in and go out
  hf-llama, hf-stablelm                         transformers' own classes, traced
Python packages: coreml-requirements.txt.
"""

import argparse
import json
import logging
import tempfile
from pathlib import Path

import coremltools as ct
import coremltools.optimize.coreml as cto
import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM, StableLmConfig, StableLmForCausalLM

import coreml_decoder
import coreml_from_hf
import coreml_operators

CONTEXT, NEW = 32, 8
CONFIG = {"model_type": "llama", "hidden_size": 32, "intermediate_size": 48, "head_dim": 8,
          "num_attention_heads": 4, "num_key_value_heads": 2, "num_hidden_layers": 2,
          "vocab_size": 128, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
          "tie_word_embeddings": False}
IDS = [1, 17, 93, 4, 127, 64, 64, 5]


class Ranged(nn.Module):
    """Any number of tokens at once, nothing kept."""

    def __init__(self, decoder):
        super().__init__()
        self.decoder = decoder
        self.register_buffer("mask", coreml_decoder.causal_mask(CONTEXT, 0), persistent=False)

    def forward(self, ids):
        new = ids.shape[-1]
        return self.decoder(ids, self.mask[..., :new, :new], 0, new)


class Positioned(nn.Module):
    """A fixed number of new tokens at a position; attention over the whole state with a mask."""

    def __init__(self, decoder):
        super().__init__()
        self.decoder, config = decoder, decoder.config
        shape = (config["num_hidden_layers"], 1, config["num_key_value_heads"], CONTEXT,
                 config["head_dim"])
        self.register_buffer("keyCache", torch.zeros(shape), persistent=False)
        self.register_buffer("valueCache", torch.zeros(shape), persistent=False)

    def forward(self, ids, mask, position):
        begin, new = position[0], ids.shape[-1]
        model = self.decoder.model
        x = model.embed_tokens(ids)
        places = position + torch.arange(new, dtype=torch.int32)
        rope = self.decoder.cos[places], self.decoder.sin[places]
        for layer in model.layers:
            x = self.layer(layer, x, rope, mask, begin, begin + new)
        return self.decoder.lm_head(model.norm(x))

    def layer(self, layer, x, rope, mask, begin, end):
        attention, h = layer.self_attn, layer.input_layernorm(x)
        query = coreml_decoder.rotate(attention.split(attention.q_proj(h), attention.heads), *rope)
        key = coreml_decoder.rotate(attention.split(attention.k_proj(h), attention.kv_heads), *rope)
        value = attention.split(attention.v_proj(h), attention.kv_heads)
        self.keyCache[attention.layer, :, :, begin:end] = key
        self.valueCache[attention.layer, :, :, begin:end] = value
        y = functional.scaled_dot_product_attention(
            query, attention.spread(self.keyCache[attention.layer]),
            attention.spread(self.valueCache[attention.layer]), attn_mask=mask)
        x = x + attention.o_proj(y.transpose(1, 2).reshape(1, -1, attention.heads * attention.size))
        return x + layer.mlp(layer.post_attention_layernorm(x))


class CacheInputs(nn.Module):
    """Keys and values of earlier tokens come in; those with the new ones go out."""

    def __init__(self, decoder):
        super().__init__()
        self.decoder = decoder

    def forward(self, ids, mask, key_cache, value_cache):
        past, new, model = key_cache.shape[3], ids.shape[-1], self.decoder.model
        x = model.embed_tokens(ids)
        rope = self.decoder.cos[past:past + new], self.decoder.sin[past:past + new]
        keys, values = [], []
        for layer in model.layers:
            attention, h = layer.self_attn, layer.input_layernorm(x)
            split = attention.split
            query = coreml_decoder.rotate(split(attention.q_proj(h), attention.heads), *rope)
            key = coreml_decoder.rotate(split(attention.k_proj(h), attention.kv_heads), *rope)
            keys.append(torch.cat((key_cache[attention.layer], key), 2))
            value = split(attention.v_proj(h), attention.kv_heads)
            values.append(torch.cat((value_cache[attention.layer], value), 2))
            y = functional.scaled_dot_product_attention(
                query, attention.spread(keys[-1]), attention.spread(values[-1]), attn_mask=mask)
            y = y.transpose(1, 2).reshape(1, -1, attention.heads * attention.size)
            x = x + attention.o_proj(y)
            x = x + layer.mlp(layer.post_attention_layernorm(x))
        return self.decoder.lm_head(model.norm(x)), torch.stack(keys), torch.stack(values)


class OfTransformers(nn.Module):
    """A class of transformers with ids and a mask of ones and zeros, as its exporters trace it."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, ids, mask):
        return self.model(input_ids=ids, attention_mask=mask, use_cache=False).logits


def random_decoder():
    torch.manual_seed(0)
    decoder = coreml_decoder.Decoder(dict(CONFIG), CONTEXT)
    for parameter in decoder.parameters():
        parameter.copy_(torch.randn_like(parameter) * (0.15 if parameter.dim() > 1 else 0.2)
                        + (parameter.dim() == 1))
    return decoder.eval()


def reference(decoder):
    return decoder(torch.tensor([IDS]), coreml_decoder.causal_mask(len(IDS), 0), 0, len(IDS))[0]


def ids_of(shape):
    return ct.TensorType("inputIds", shape, np.int32)


def convert(module, example, inputs, target, outputs=("logits",), states=()):
    traced = torch.jit.trace(module.eval(), example, check_trace=False)
    return ct.convert(traced, inputs=inputs, states=list(states) or None, skip_model_load=True,
                      outputs=[ct.TensorType(name) for name in outputs],
                      minimum_deployment_target=getattr(ct.target, target))


def stateless(decoder, target, shape):
    return convert(Ranged(decoder), torch.zeros((1, NEW), dtype=torch.int32), [ids_of(shape)],
                   target)


def any_length():
    return ct.RangeDim(1, CONTEXT, default=NEW)


def compressed(decoder, target, run, how):
    """Matrices alone: coremltools would take tables of positions, too."""
    whole = stateless(decoder, target, (1, any_length()))
    names = ["decoder_" + name.replace(".", "_") for name, parameter in decoder.named_parameters()
             if parameter.dim() > 1]
    small = run(whole, cto.OptimizationConfig(
        op_name_configs={name: how for name in names}))
    return small, decompressed(small, decoder)


def decompressed(model, decoder):
    """The decoder with the weights that coremltools decompresses."""
    whole = cto.decompress_weights(model)
    tensors = {weight.name if hasattr(weight, "name") else name: weight.val
               for name, weight in cto.get_weights_metadata(whole, weight_threshold=64).items()}
    again = random_decoder()
    for name, parameter in again.named_parameters():
        if parameter.dim() == 1:
            continue
        plain = "decoder_" + name.replace(".", "_")
        found = [value for key, value in tensors.items() if key.startswith(plain)]
        if len(found) != 1:
            raise SystemExit(f"{len(found)} weights are called {plain}: {sorted(tensors)}")
        parameter.copy_(torch.from_numpy(np.array(found[0], np.float32)))
    return again


def cache_states(module):
    return [ct.StateType(ct.TensorType(shape=tuple(buffer.shape), dtype=np.float16), name)
            for name, buffer in module.named_buffers() if name.endswith("Cache")]


def two_functions(decoder, scratch):
    """decode takes one token, prefill NEW; both name one state and share their weights."""
    descriptor = ct.utils.MultiFunctionDescriptor()
    for name, new in (("decode", 1), ("prefill", NEW)):
        module = Positioned(decoder)
        example = (torch.zeros((1, new), dtype=torch.int32), torch.zeros((1, 1, new, CONTEXT)),
                   torch.zeros(1, dtype=torch.int32))
        mask = ct.TensorType("causalMask", (1, 1, new, CONTEXT), np.float16)
        inputs = [ids_of((1, new)), mask, ct.TensorType("position", (1,), np.int32)]
        model = convert(module, example, inputs, "iOS18", states=cache_states(module))
        model.save(f"{scratch}/{name}.mlpackage")
        descriptor.add_function(f"{scratch}/{name}.mlpackage", "main", name)
    descriptor.default_function_name = "decode"
    ct.utils.save_multifunction(descriptor, f"{scratch}/both.mlpackage")
    both = ct.models.MLModel(f"{scratch}/both.mlpackage", skip_model_load=True)
    return both, reference(decoder)


def cache_inputs(decoder):
    past = ct.RangeDim(0, CONTEXT - 1, default=4)
    new, end = any_length(), any_length()
    shape = (CONFIG["num_hidden_layers"], 1, CONFIG["num_key_value_heads"], past,
             CONFIG["head_dim"])
    zeros = torch.zeros((*shape[:3], 4, shape[4]))
    example = (torch.zeros((1, 2), dtype=torch.int32), torch.zeros((1, 1, 2, 6)), zeros, zeros)
    inputs = [ids_of((1, new)), ct.TensorType("causalMask", (1, 1, new, end), np.float16),
              ct.TensorType("keyCache", shape, np.float16),
              ct.TensorType("valueCache", shape, np.float16)]
    model = convert(CacheInputs(decoder), example, inputs, "iOS17",
                    ("logits", "presentKeys", "presentValues"))
    return model, reference(decoder)


def of_transformers(kind, config):
    torch.manual_seed(0)
    model = kind(config(hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
                        num_key_value_heads=2, intermediate_size=48, vocab_size=128,
                        max_position_embeddings=CONTEXT, attn_implementation="eager")).eval()
    for parameter in model.parameters():
        if parameter.dim() > 1:
            parameter.mul_(6)
    module, ones = OfTransformers(model), torch.ones((1, CONTEXT), dtype=torch.int32)
    inputs = [ids_of((1, CONTEXT)), ct.TensorType("attentionMask", (1, CONTEXT), np.int32)]
    converted = convert(module, (ones, ones), inputs, "iOS18")
    return converted, model(input_ids=torch.tensor([IDS])).logits[0]


def affine():
    return cto.linear_quantize_weights, cto.OpLinearQuantizerConfig("linear", weight_threshold=64)


def forms(scratch):
    """Each form's name to what makes it: a model and the logits it should give, or a decoder."""
    decoder = random_decoder()
    expected = reference(decoder)
    palettes = cto.OpPalettizerConfig("kmeans", nbits=4, weight_threshold=64)
    groups = cto.OpPalettizerConfig("kmeans", nbits=3, granularity="per_grouped_channel",
                                    group_size=8, weight_threshold=64)
    blocks = cto.OpLinearQuantizerConfig("linear_symmetric", dtype="int4", granularity="per_block",
                                         block_size=16, weight_threshold=64)
    sparse = cto.OpThresholdPrunerConfig(threshold=0.1, minimum_sparsity_percentile=0.1,
                                         weight_threshold=64)
    shapes = ct.EnumeratedShapes([[1, NEW], [1, 1], [1, CONTEXT]], default=[1, NEW])
    return {
        "ios15-fixed": lambda: (stateless(decoder, "iOS15", (1, NEW)), expected),
        "ios16-enumerated": lambda: (stateless(decoder, "iOS16", shapes), expected),
        "ios17-ranged": lambda: (stateless(decoder, "iOS17", (1, any_length())), expected),
        "ios16-affine": lambda: compressed(decoder, "iOS16", *affine()),
        "ios16-palettes": lambda: compressed(decoder, "iOS16", cto.palettize_weights, palettes),
        "ios16-sparse": lambda: compressed(decoder, "iOS16", cto.prune_weights, sparse),
        "ios18-blockwise": lambda: compressed(decoder, "iOS18", cto.linear_quantize_weights,
                                              blocks),
        "ios18-palettes": lambda: compressed(decoder, "iOS18", cto.palettize_weights, groups),
        "ios18-functions": lambda: two_functions(decoder, scratch),
        "cache-inputs": lambda: cache_inputs(decoder),
        "hf-llama": lambda: of_transformers(LlamaForCausalLM, LlamaConfig),
        "hf-stablelm": lambda: of_transformers(StableLmForCausalLM, StableLmConfig),
    }


def write(name, model, logits, out):
    if isinstance(logits, coreml_decoder.Decoder):
        logits = reference(logits)
    coreml_from_hf.save(model, name, out / f"{name}.mlpackage")
    rows = [[round(value, 5) for value in row] for row in logits.float().tolist()]
    text = json.dumps({"ids": IDS, "logits": rows}, separators=(",", ":"))
    (out / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(name, flush=True)


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    logging.getLogger("coremltools").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    coreml_operators.register()
    with tempfile.TemporaryDirectory() as scratch:
        for name, make in forms(scratch).items():
            if not options.names or name in options.names:
                write(name, *make(), options.out)


if __name__ == "__main__":
    main()
