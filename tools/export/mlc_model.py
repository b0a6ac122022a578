"""Llama and Qwen3 as networks of TVM's frontend, with MLC's parameter and function names."""

from tvm import relax, te
from tvm.relax.frontend import nn
from tvm.relax.frontend.nn import op
from tvm.relax.frontend.nn.llm.kv_cache import PagedKVCache, RopeMode, TIRPagedKVCache

F32 = "float32"
QKV = {"llama": "qkv_proj", "qwen3": "c_attn"}


class Norm(nn.Module):
    """Root mean square norm."""

    def __init__(self, size, epsilon):
        self.weight, self.epsilon = nn.Parameter((size,), F32), epsilon

    def forward(self, x):
        return op.rms_norm(x, self.weight, axes=-1, epsilon=self.epsilon)


class Attention(nn.Module):
    """Grouped-query attention; the KV cache rotates q and k."""

    def __init__(self, shape, matrix):
        self.shape = shape
        width = (shape.heads + 2 * shape.kv_heads) * shape.head_dim
        setattr(self, QKV[shape.model_type], matrix(width, shape.hidden))
        self.o_proj = matrix(shape.hidden, shape.heads * shape.head_dim)
        if shape.model_type == "qwen3":
            self.q_norm = Norm(shape.head_dim, shape.epsilon)
            self.k_norm = Norm(shape.head_dim, shape.epsilon)

    def forward(self, x, cache, layer):
        shape, (batch, length, _) = self.shape, x.shape
        qkv = op.reshape(getattr(self, QKV[shape.model_type])(x),
                         (batch, length, shape.heads + 2 * shape.kv_heads, shape.head_dim))
        if shape.model_type == "qwen3":
            q, k, v = op.split(qkv, [shape.heads, shape.heads + shape.kv_heads], axis=2)
            qkv = op.concat([self.q_norm(q), self.k_norm(k), v], dim=2)
        mixed = cache.attention_with_fused_qkv(layer, qkv, shape.heads, shape.head_dim**-0.5)
        return self.o_proj(op.reshape(mixed, (batch, length, shape.heads * shape.head_dim)))


class FeedForward(nn.Module):
    """Gated by SiLU."""

    def __init__(self, shape, matrix):
        self.gate_up_proj = matrix(2 * shape.feed_forward, shape.hidden)
        self.down_proj = matrix(shape.hidden, shape.feed_forward)

    def forward(self, x):
        gate, up = op.split(self.gate_up_proj(x), 2, axis=-1)
        return self.down_proj(op.silu(gate) * up)


class Layer(nn.Module):
    """One transformer block."""

    def __init__(self, shape, matrix):
        self.self_attn, self.mlp = Attention(shape, matrix), FeedForward(shape, matrix)
        self.input_layernorm = Norm(shape.hidden, shape.epsilon)
        self.post_attention_layernorm = Norm(shape.hidden, shape.epsilon)

    def forward(self, x, cache, layer):
        x = x + self.self_attn(self.input_layernorm(x), cache, layer)
        return x + self.mlp(self.post_attention_layernorm(x))


class Body(nn.Module):
    """All blocks between embedding and logits."""

    def __init__(self, shape, matrix):
        self.embed_tokens = matrix(shape.vocabulary, shape.hidden)
        self.layers = nn.ModuleList([Layer(shape, matrix) for _ in range(shape.layers)])
        self.norm = Norm(shape.hidden, shape.epsilon)

    def forward(self, x, cache):
        for number, layer in enumerate(self.layers):
            x = layer(x, cache, number)
        return self.norm(x)


class LanguageModel(nn.Module):
    """The functions that MLC's runtime calls."""

    def __init__(self, shape, matrix, target):
        self.shape, self.target, self.model = shape, target, Body(shape, matrix)
        if not shape.tied:
            self.lm_head = matrix(shape.vocabulary, shape.hidden)

    def logits(self, x):
        return self.model.embed_tokens(x) if self.shape.tied else self.lm_head(x)

    def embed(self, input_ids):
        return self.model.embed_tokens.rows(input_ids)

    def decode(self, input_embed, paged_kv_cache):
        return self.logits(self.model(input_embed, paged_kv_cache)), paged_kv_cache

    def prefill(self, input_embed, paged_kv_cache):
        def last(x):
            return te.compute((1, 1, x.shape[2]), lambda i, _, k: x[i, x.shape[1] - 1, k], "last")
        x = op.tensor_expr_op(last, "last", [self.model(input_embed, paged_kv_cache)])
        return self.logits(x), paged_kv_cache

    def batch_decode(self, input_embeds, paged_kv_cache):
        return self.decode(input_embeds, paged_kv_cache)

    def batch_verify(self, input_embeds, paged_kv_cache):
        return self.decode(input_embeds, paged_kv_cache)

    def batch_prefill(self, input_embeds, logit_positions, paged_kv_cache):
        x = op.take(self.model(input_embeds, paged_kv_cache), logit_positions, axis=1)
        return self.logits(x), paged_kv_cache

    def create_tir_paged_kv_cache(self, max_batch_size, max_total_seq_len, prefill_chunk_size,
                                  page_size, support_sliding_window):
        shape = self.shape
        return TIRPagedKVCache(
            attn_kind="mha", max_batch_size=max_batch_size, max_total_seq_len=max_total_seq_len,
            prefill_chunk_size=prefill_chunk_size, page_size=page_size,
            support_sliding_window=support_sliding_window,
            layer_partition=relax.ShapeExpr([0, shape.layers]), num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads, num_key_value_heads=shape.kv_heads,
            qk_head_dim=shape.head_dim, v_head_dim=shape.head_dim, mla_original_qk_head_dim=0,
            mla_original_v_head_dim=0, rope_mode=RopeMode.NORMAL, rope_scale=1,
            rope_theta=shape.rope_theta, rope_scaling={}, rope_ext_factors=relax.prim_value(0),
            rotary_dim=shape.head_dim, enable_disaggregation=False, dtype=F32, target=self.target)

    def specification(self):
        """The argument types of all functions."""
        weights = {"param_mode": "packed", "effect_mode": "none"}
        cache, width = nn.spec.Object(object_type=PagedKVCache), self.shape.hidden

        def forward(*dims, name="input_embeds", **more):
            return {name: nn.spec.Tensor([*dims, width], F32), **more, "paged_kv_cache": cache,
                    "$": weights}
        positions = nn.spec.Tensor(["batch_size"], "int32")
        sizes = ("max_batch_size", "max_total_seq_len", "prefill_chunk_size", "page_size",
                 "support_sliding_window")
        return nn.spec.ModuleSpec.from_raw({
            "embed": {"input_ids": nn.spec.Tensor(["seq_len"], "int32"), "$": weights},
            "prefill": forward(1, "seq_len", name="input_embed"),
            "decode": forward(1, 1, name="input_embed"),
            "batch_prefill": forward(1, "seq_len", logit_positions=positions),
            "batch_decode": forward("batch_size", 1),
            "batch_verify": forward(1, "seq_len"),
            "create_tir_paged_kv_cache": {
                **{name: int for name in sizes},
                "$": {"param_mode": "none", "effect_mode": "none"}},
        }, self)
