"""Sizes of a model, from a Hugging Face config.json or the model_config of an MLC folder."""

import math
from dataclasses import dataclass, field

# The name of the fused matrix of queries, keys and values in each architecture; Gemma keeps three.
QKV = {"llama": "qkv_proj", "mistral": "qkv_proj", "qwen2": "c_attn",
       "qwen3": "c_attn", "gemma3": None, "gemma3_text": None}
CHUNK = 512  # tokens that one prefill call takes at most
BATCH = 16   # sequences that one decode call takes at most
ACTIVATIONS = {"silu": "silu", "gelu_pytorch_tanh": "gelu"}


def first(config, *names, default=None):
    """The first of these fields that says something."""
    for name in names:
        if config.get(name) not in (None, 0, -1, ""):
            return config[name]
    return default


def llama3_frequencies(frequencies, scaling):
    """Llama 3's stretching of slow frequencies, as transformers computes it."""
    factor, old = scaling["factor"], scaling["original_max_position_embeddings"]
    low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
    stretched = []
    for frequency in frequencies:
        turns = old * frequency / (2 * math.pi)
        part = min(max((turns - low) / (high - low), 0), 1)
        stretched.append((1 - part) * frequency / factor + part * frequency)
    return stretched


@dataclass
class Shape:
    """What the network is built from."""

    model_type: str
    vocabulary: int
    hidden: int
    feed_forward: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    context: int
    epsilon: float
    activation: str
    tied: bool
    qkv_bias: bool
    query_scale: float
    frequencies: list                  # of rotary positions: those of full layers
    local_frequencies: list = None     # and of layers with a window, where they differ
    windows: list = field(default_factory=list)  # tokens that each layer looks back; 0 is all

    @property
    def gemma(self):
        return self.model_type.startswith("gemma")

    @property
    def chunk(self):
        """Tokens that one prefill call takes at most: within one, no window is exceeded."""
        return min([CHUNK, self.context, *[window for window in self.windows if window]])

    @staticmethod
    def of(config):
        """Reads a config; ValueError names what isn't taken."""
        text = config.get("text_config") or {}
        config = {**config, **(text.get("kwargs") or {}), **text}
        kind = config.get("model_type")
        if kind not in QKV:
            raise ValueError(f"model_type = {kind} is not supported; taken are {', '.join(QKV)}")
        gemma = kind.startswith("gemma")
        heads, hidden = config["num_attention_heads"], config["hidden_size"]
        head_dim = first(config, "head_dim", default=256 if gemma else hidden // heads)
        rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
        per_layer = "full_attention" in rope
        full = rope["full_attention"] if per_layer else rope
        local = rope["sliding_attention"] if per_layer else {}
        theta = full.get("rope_theta") or first(
            config, "rope_theta", "position_embedding_base",
            default=1_000_000 if gemma else 10_000)
        activation = first(config, "hidden_activation", "hidden_act",
                           default="gelu_pytorch_tanh" if gemma else "silu")
        kv_heads = first(config, "num_key_value_heads", default=heads)
        layers = config["num_hidden_layers"]
        rotated = int(head_dim * config.get("partial_rotary_factor", 1))
        refused = {
            "hidden_act": activation not in ACTIVATIONS and activation,
            "mlp_bias": config.get("mlp_bias"),
            "attention_bias": config.get("attention_bias") and kind != "qwen2",
            "use_sliding_window": config.get("use_sliding_window"),
            "attn_logit_softcapping": config.get("attn_logit_softcapping"),
            "final_logit_softcapping": config.get("final_logit_softcapping"),
            "head_dim": head_dim % 16 != 0 and head_dim,
            "num_key_value_heads": (kv_heads < 1 or heads % kv_heads != 0) and kv_heads,
            "num_hidden_layers": layers > 1024 and layers,
        }
        if wrong := [f"{name} = {value}" for name, value in refused.items() if value]:
            raise ValueError(f"{wrong[0]} is not supported")
        frequencies = Shape.rotary(theta, rotated, full)
        local_theta = local.get("rope_theta") or first(config, "rope_local_base_freq",
                                                       default=10_000)
        return Shape(
            kind, config["vocab_size"], hidden, config["intermediate_size"], layers, heads,
            kv_heads, head_dim,
            Shape.context_of(config), config.get("rms_norm_eps", 1e-6), ACTIVATIONS[activation],
            bool(config.get("tie_word_embeddings", gemma)), kind == "qwen2",
            first(config, "query_pre_attn_scalar", default=head_dim) ** -0.5, frequencies,
            Shape.rotary(local_theta, rotated, local) if gemma else None,
            Shape.windows_of(config, kind, layers))

    @staticmethod
    def context_of(config):
        """Tokens of a sequence: MLC's own choice where there is one."""
        return first(config, "context_window_size", "max_position_embeddings", default=8192)

    @staticmethod
    def windows_of(config, kind, layers):
        """How far each layer looks back."""
        window = first(config, "sliding_window", "sliding_window_size")
        if not window or kind not in ("mistral", "gemma3", "gemma3_text"):
            return [0] * layers
        if not kind.startswith("gemma"):
            return [window] * layers
        pattern = first(config, "sliding_window_pattern", "_sliding_window_pattern", default=6)
        kinds = config.get("layer_types") or [
            "sliding_attention" if (i + 1) % pattern else "full_attention" for i in range(layers)]
        return [window if kind == "sliding_attention" else 0 for kind in kinds]

    @staticmethod
    def rotary(theta, size, scaling):
        """Frequencies of the rotary positions of `size` elements."""
        frequencies = [theta ** (-2 * i / size) for i in range(size // 2)]
        kind = scaling.get("rope_type", scaling.get("type", "default"))
        if kind == "llama3":
            return llama3_frequencies(frequencies, scaling)
        if kind == "linear":
            return [frequency / scaling["factor"] for frequency in frequencies]
        if kind != "default":
            raise ValueError(f"rope_scaling of type {kind} is not supported; taken are llama3 and "
                             "linear")
        return frequencies
