"""The two tiny architectures and their Hugging Face configuration files."""

import transformers

import chat

_SHARED = {
    "vocab_size": chat.VOCABULARY,
    "hidden_size": 128,
    "intermediate_size": 384,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 32,
    "hidden_act": "silu",
    "max_position_embeddings": chat.CONTEXT,
    "attention_bias": False,
    "attention_dropout": 0.0,
    "initializer_range": 0.02,
    "rope_scaling": None,
    "use_cache": True,
    "bos_token_id": chat.BOS,
    "eos_token_id": chat.END,
    "pad_token_id": chat.PAD,
    "torch_dtype": "float32",
}

CONFIGS = {
    "llama": {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", **_SHARED,
        "mlp_bias": False, "pretraining_tp": 1, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
        "tie_word_embeddings": False,
    },
    "qwen3": {
        "architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", **_SHARED,
        "max_window_layers": 4, "sliding_window": None, "use_sliding_window": False,
        "rms_norm_eps": 1e-6, "rope_theta": 1000000.0, "tie_word_embeddings": True,
    },
}

GENERATION = {"bos_token_id": chat.BOS, "eos_token_id": chat.END, "pad_token_id": chat.PAD,
              "do_sample": False}


def build(name):
    """A freshly initialised model of the architecture."""
    fields = dict(CONFIGS[name])
    model = getattr(transformers, fields.pop("architectures")[0])
    fields.pop("model_type")
    fields.pop("torch_dtype")
    return model(model.config_class(**fields))


def save_config(name, folder):
    """Writes config.json and generation_config.json into `folder`.

    They are written by hand: `save_pretrained` of transformers 5 renames fields (rope_theta,
    torch_dtype) that other exporters still read under their old names."""
    chat.write_json(folder / "config.json", CONFIGS[name])
    chat.write_json(folder / "generation_config.json", GENERATION)
