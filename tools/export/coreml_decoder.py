"""Llama and Qwen3 decoders in plain torch operations that coremltools converts without patches.

Parameters carry the names of transformers, so that a folder's weights load as they are."""

import json
import sys

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional

MASKED = -65504.0  # the lowest half-precision number


class Norm(nn.Module):
    """Root mean square normalisation.

    The squares of large values overflow in half precision (SmolLM2-135M has some of 25,000), hence
    they are taken after a division by the largest one where that is above 1."""

    def __init__(self, size, epsilon):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.register_buffer("one", torch.ones(1), persistent=False)
        self.register_buffer("root", torch.tensor([epsilon ** 0.5]), persistent=False)

    def forward(self, x):
        largest = torch.maximum(x.abs().amax(-1, keepdim=True), self.one)
        square = (x / largest).pow(2).mean(-1, keepdim=True) + (self.root / largest).pow(2)
        return x * (torch.rsqrt(square) / largest) * self.weight


def rotate(x, cos, sin):
    """Rotary position embedding; `cos` and `sin` hold one row per token of half a head each."""
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


class Attention(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        hidden, self.layer = config["hidden_size"], layer
        self.heads, self.kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
        self.size = config["head_dim"]
        self.q_proj = nn.Linear(hidden, self.heads * self.size, bias=False)
        self.k_proj = nn.Linear(hidden, self.kv_heads * self.size, bias=False)
        self.v_proj = nn.Linear(hidden, self.kv_heads * self.size, bias=False)
        self.o_proj = nn.Linear(self.heads * self.size, hidden, bias=False)
        if config["model_type"] == "qwen3":
            self.q_norm = Norm(self.size, config["rms_norm_eps"])
            self.k_norm = Norm(self.size, config["rms_norm_eps"])
        else:
            self.q_norm = self.k_norm = nn.Identity()

    def split(self, x, heads):
        """[1, tokens, heads x size] as [1, heads, tokens, size]."""
        return x.view(1, -1, heads, self.size).transpose(1, 2)

    def spread(self, x):
        """Each key or value head repeated for the query heads that share it."""
        x = x[:, :, None].expand(1, self.kv_heads, self.heads // self.kv_heads, -1, self.size)
        return x.reshape(1, self.heads, -1, self.size)

    def forward(self, x, rope, mask, cache):
        query = rotate(self.q_norm(self.split(self.q_proj(x), self.heads)), *rope)
        key = rotate(self.k_norm(self.split(self.k_proj(x), self.kv_heads)), *rope)
        value = self.split(self.v_proj(x), self.kv_heads)
        if cache:
            keys, values, begin, end = cache
            keys[self.layer, :, :, begin:end] = key
            values[self.layer, :, :, begin:end] = value
            key, value = keys[self.layer, :, :, :end], values[self.layer, :, :, :end]
        y = functional.scaled_dot_product_attention(
            query, self.spread(key), self.spread(value), attn_mask=mask)
        return self.o_proj(y.transpose(1, 2).reshape(1, -1, self.heads * self.size))


class FeedForward(nn.Module):
    def __init__(self, config):
        super().__init__()
        hidden, inner = config["hidden_size"], config["intermediate_size"]
        self.gate_proj = nn.Linear(hidden, inner, bias=False)
        self.up_proj = nn.Linear(hidden, inner, bias=False)
        self.down_proj = nn.Linear(inner, hidden, bias=False)

    def forward(self, x):
        return self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.self_attn, self.mlp = Attention(config, layer), FeedForward(config)
        self.input_layernorm = Norm(config["hidden_size"], config["rms_norm_eps"])
        self.post_attention_layernorm = Norm(config["hidden_size"], config["rms_norm_eps"])

    def forward(self, x, rope, mask, cache):
        x = x + self.self_attn(self.input_layernorm(x), rope, mask, cache)
        return x + self.mlp(self.post_attention_layernorm(x))


class Decoder(nn.Module):
    """Token ids to logits. `context` is the largest number of tokens, in prompt and answer."""

    def __init__(self, config, context):
        super().__init__()
        self.config, self.context = config, context
        self.model = nn.Module()
        self.model.embed_tokens = nn.Embedding(config["vocab_size"], config["hidden_size"])
        self.model.layers = nn.ModuleList(
            Layer(config, i) for i in range(config["num_hidden_layers"]))
        self.model.norm = Norm(config["hidden_size"], config["rms_norm_eps"])
        self.lm_head = nn.Linear(config["hidden_size"], config["vocab_size"], bias=False)
        if config["tie_word_embeddings"]:
            self.lm_head.weight = self.model.embed_tokens.weight
        half = torch.arange(0, config["head_dim"], 2).float() / config["head_dim"]
        angles = torch.outer(torch.arange(context).float(), config["rope_theta"] ** -half)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def forward(self, ids, mask, begin, end, caches=None):
        x = self.model.embed_tokens(ids)
        rope = self.cos[begin:end], self.sin[begin:end]
        for layer in self.model.layers:
            x = layer(x, rope, mask, caches and (*caches, begin, end))
        return self.lm_head(self.model.norm(x))


class Stateless(nn.Module):
    """All `context` tokens at once, padded on the right; nothing is kept between calls."""

    def __init__(self, decoder):
        super().__init__()
        self.decoder = decoder
        self.register_buffer("mask", causal_mask(decoder.context, 0), persistent=False)

    def forward(self, ids):
        return self.decoder(ids, self.mask, 0, self.decoder.context)


class Stateful(nn.Module):
    """New tokens only; earlier keys and values stay in two states. The mask's last dimension
    says how many tokens there are with the new ones."""

    def __init__(self, decoder):
        super().__init__()
        self.decoder, config = decoder, decoder.config
        shape = (config["num_hidden_layers"], 1, config["num_key_value_heads"], decoder.context,
                 config["head_dim"])
        self.register_buffer("keyCache", torch.zeros(shape), persistent=False)
        self.register_buffer("valueCache", torch.zeros(shape), persistent=False)

    def forward(self, ids, mask):
        end = mask.shape[-1]
        caches = self.keyCache, self.valueCache
        return self.decoder(ids, mask, end - ids.shape[-1], end, caches)


def causal_mask(new, past):
    """What the `new` tokens after `past` earlier ones may not see."""
    return torch.full((1, 1, new, past + new), MASKED).triu(past + 1)


def read_config(folder):
    """config.json with defaults filled in; ends the program on what these decoders do not do."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    rope = config.get("rope_scaling") or config.get("rope_parameters") or {}
    config.setdefault("head_dim", config["hidden_size"] // config["num_attention_heads"])
    config.setdefault("num_key_value_heads", config["num_attention_heads"])
    config.setdefault("rope_theta", rope.get("rope_theta", 10000.0))
    config.setdefault("tie_word_embeddings", False)
    for wrong, what in (
            (config["model_type"] not in ("llama", "qwen3"), f"model_type {config['model_type']}"),
            (rope.get("rope_type", rope.get("type", "default")) != "default", "rope scaling"),
            (config.get("attention_bias") or config.get("mlp_bias"), "biases"),
            (config.get("use_sliding_window"), "a sliding window"),
            (config.get("hidden_act", "silu") != "silu", config.get("hidden_act"))):
        if wrong:
            sys.exit(f"{folder}/config.json: {what} is not supported by this exporter")
    return config


def load(folder, config, context):
    """The decoder with the weights of a folder, in f32."""
    weights = {}
    for file in sorted(folder.glob("*.safetensors")):
        weights |= {name: w.float() for name, w in load_file(file).items()}
    if config["tie_word_embeddings"]:
        weights["lm_head.weight"] = weights["model.embed_tokens.weight"]
    decoder = Decoder(config, context)
    decoder.load_state_dict(weights)
    return decoder.eval()
