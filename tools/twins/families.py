"""The families of models in the catalogue, as small as they run: configuration, tokenizer and chat template.

Names of fields are those of the published config.json files (rope_theta, rope_scaling), which exporters read."""

from dataclasses import dataclass

# How a text is cut before byte pairs are merged, as tiktoken_ext/openai_public.py, Meta and Qwen have it.
LLAMA3_SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"
          r"\s+(?!\S)|\s+")
QWEN2_SPLIT = LLAMA3_SPLIT.replace(r"\p{N}{1,3}", r"\p{N}")
O200K_SPLIT = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
CHATML = ("{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
          "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")
LLAMA3 = ("{{ bos_token }}{% for message in messages %}{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'"
          " + message['content'] + '<|eot_id|>' }}{% endfor %}{% if add_generation_prompt %}"
          "{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}")
GEMMA = ("{{ bos_token }}{% for message in messages %}{{ '<start_of_turn>' + ('model' if message['role'] == 'assistant' else"
         " message['role']) + '\n' + message['content'] + '<end_of_turn>\n' }}{% endfor %}"
         "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}")
MISTRAL = ("{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content']"
           " + ' [/INST]' }}{% else %}{{ ' ' + message['content'] + eos_token }}{% endif %}{% endfor %}")


def turns(end, before="\n", after="\n"):
    """<|user|>…END<|assistant|>"""
    return ("{% for message in messages %}{{ '<|' + message['role'] + '|>" + before + "' + message['content'] + '" + end + after
            + "' }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>" + before + "' }}{% endif %}").replace("\n", "\\n")


BASE = {"hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "hidden_act": "silu", "attention_bias": False, "attention_dropout": 0.0,
        "initializer_range": 0.02, "use_cache": True, "torch_dtype": "float32", "rms_norm_eps": 1e-5,
        "max_position_embeddings": 8192, "rope_theta": 10000.0, "tie_word_embeddings": False}


def longrope(rotated):
    """Factors as Phi's: one for each pair of rotated dimensions."""
    pairs = rotated // 2
    return {"type": "longrope", "short_factor": [1.0 + 0.01 * i for i in range(pairs)],
            "long_factor": [1.0 + 2.0 * i for i in range(pairs)]}


@dataclass
class Family:
    """How a model is built and how it talks."""

    config: dict
    template: str
    special: tuple  # tokens; the ids stand behind the vocabulary
    end: str  # of a turn
    begin: str = ""  # bos_token; empty: none
    split: str = ""  # of a byte-level tokenizer; empty: SentencePiece
    pre: str = ""  # llama.cpp's name for the split
    gemma: bool = False
    pad: str = ""
    strips: bool = False  # white space behind special tokens is taken away
    context: int = 0  # with which it is run; 0: what is usual


def of(kind, architecture, **changes):
    """A configuration."""
    return {"model_type": kind, "architectures": [architecture], **BASE, **changes}


LLAMA3_ROPE = {"factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "rope_type": "llama3",
               "original_max_position_embeddings": 8192}
LLAMA3_TOKENS = ("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")
CHATML_TOKENS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
PHI_TOKENS = ("<|endoftext|>", "<|assistant|>", "<|system|>", "<|end|>", "<|user|>")
GEMMA_TOKENS = ("<start_of_turn>", "<end_of_turn>")
QWEN = {"tie_word_embeddings": True, "rope_theta": 1000000.0, "rms_norm_eps": 1e-6}
GEMMA_SIZES = {"head_dim": 256, "num_attention_heads": 2, "num_key_value_heads": 1, "hidden_activation": "gelu_pytorch_tanh",
               "hidden_act": "gelu_pytorch_tanh", "tie_word_embeddings": True, "rms_norm_eps": 1e-6,
               "query_pre_attn_scalar": 256}

FAMILIES = {
    "smollm2": Family(of("llama", "LlamaForCausalLM", tie_word_embeddings=True, rope_theta=100000.0), CHATML, CHATML_TOKENS,
                      "<|im_end|>", begin="<|im_start|>", split="digits", pre="smollm"),
    "llama3": Family(of("llama", "LlamaForCausalLM", tie_word_embeddings=True, rope_theta=500000.0, head_dim=64,
                        max_position_embeddings=131072, rope_scaling=LLAMA3_ROPE), LLAMA3, LLAMA3_TOKENS, "<|eot_id|>",
                     begin="<|begin_of_text|>", split=LLAMA3_SPLIT, pre="llama-bpe"),
    "llama-spm": Family(of("llama", "LlamaForCausalLM", max_position_embeddings=2048), turns("</s>"), (), "</s>", begin="<s>"),
    "mistral": Family(of("mistral", "MistralForCausalLM", rope_theta=1000000.0, sliding_window=None), MISTRAL, (), "</s>",
                      begin="<s>"),
    "hermes": Family(of("mistral", "MistralForCausalLM", sliding_window=None), CHATML, ("<|im_end|>", "<|im_start|>"),
                     "<|im_end|>", begin="<s>"),
    "qwen2": Family(of("qwen2", "Qwen2ForCausalLM", **QWEN), CHATML, CHATML_TOKENS, "<|im_end|>", split=QWEN2_SPLIT,
                    pre="qwen2", pad="<|endoftext|>"),
    "qwen3": Family(of("qwen3", "Qwen3ForCausalLM", head_dim=128, **QWEN), CHATML, CHATML_TOKENS, "<|im_end|>",
                    split=QWEN2_SPLIT, pre="qwen2", pad="<|endoftext|>"),
    "qwen3.5": Family(of("qwen3_5_text", "Qwen3_5ForCausalLM", head_dim=64, partial_rotary_factor=0.25, num_hidden_layers=4,
                         layer_types=["linear_attention"] * 3 + ["full_attention"], linear_key_head_dim=32, linear_value_head_dim=32,
                         linear_num_key_heads=4, linear_num_value_heads=8, linear_conv_kernel_dim=4, **QWEN), CHATML, CHATML_TOKENS,
                      "<|im_end|>", split=QWEN2_SPLIT, pre="qwen2", pad="<|endoftext|>"),
    "gemma2": Family(of("gemma2", "Gemma2ForCausalLM", sliding_window=4096, attn_logit_softcapping=50.0,
                        final_logit_softcapping=30.0, **GEMMA_SIZES), GEMMA, GEMMA_TOKENS, "<end_of_turn>", begin="<bos>",
                     gemma=True, pad="<pad>"),
    "gemma3": Family(of("gemma3_text", "Gemma3ForCausalLM", sliding_window=512, rope_local_base_freq=10000.0,
                        sliding_window_pattern=6, attn_logit_softcapping=None, final_logit_softcapping=None,
                        max_position_embeddings=32768, **{**GEMMA_SIZES, "num_hidden_layers": 6, "rope_theta": 1000000.0}),
                     GEMMA, GEMMA_TOKENS, "<end_of_turn>", begin="<bos>", gemma=True, pad="<pad>"),
    "phi3": Family(of("phi3", "Phi3ForCausalLM", num_key_value_heads=4, max_position_embeddings=131072, sliding_window=262144,
                      original_max_position_embeddings=4096, rope_scaling=longrope(64)), turns("<|end|>"), PHI_TOKENS, "<|end|>",
                   begin="<s>", strips=True, context=4096),
    "phi3-4k": Family(of("phi3", "Phi3ForCausalLM", num_key_value_heads=4, max_position_embeddings=4096, sliding_window=2047,
                         original_max_position_embeddings=4096, rope_scaling=None), turns("<|end|>"), PHI_TOKENS, "<|end|>",
                      begin="<s>", strips=True),
    "phi4": Family(of("phi3", "Phi3ForCausalLM", tie_word_embeddings=True, max_position_embeddings=131072, sliding_window=262144,
                      original_max_position_embeddings=4096, partial_rotary_factor=0.75, rope_scaling=longrope(48)),
                   turns("<|end|>", "", ""), PHI_TOKENS, "<|end|>", begin="<|endoftext|>", split=O200K_SPLIT, pre="gpt-4o",
                   context=4096),
    "stablelm2": Family(of("stablelm", "StableLmForCausalLM", partial_rotary_factor=0.25, use_qkv_bias=True,
                           layer_norm_eps=1e-5, max_position_embeddings=4096, num_key_value_heads=4, qk_layernorm=False,
                           use_parallel_residual=False), turns("<|endoftext|>"), ("<|endoftext|>", "<|user|>", "<|assistant|>"),
                        "<|endoftext|>", split=LLAMA3_SPLIT, pre="stablelm2", begin="<|endoftext|>"),
}
