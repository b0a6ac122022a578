"""The networks of MLC models in TVM's frontend, with MLC's parameter and function names.

Everything between embedding and logits is [tokens, width] in f32. A layer is four calls of linear
kernels with their norms, gates and additions inside, one of rotary positions and the cache's
attention (mlc_kernels/)."""

import math

import numpy as np
from tvm import ir, relax
from tvm.relax.frontend import nn
from tvm.relax.frontend.nn import op
from tvm.relax.frontend.nn.llm.kv_cache import PagedKVCache, RopeMode

from mlc_linear import FLOATS, Matrix, tensor
from mlc_shape import QKV

F32 = "float32"
LOG2_E = math.log2(math.e)


class Norm(nn.Module):
    """Weight of a root mean square norm."""

    def __init__(self, size, epsilon, dtype):
        self.weight, self.epsilon = nn.Parameter((size,), dtype), epsilon

    def add(self, x, residual):
        """residual + norm(x)."""
        return op.extern("tenfold_norm_add", [float(self.epsilon), x, self.weight, residual],
                         tensor(residual.shape))


class Attention(nn.Module):
    """Grouped-query attention."""

    def __init__(self, shape, quantization, number):
        self.shape, self.number, self.dtype = shape, number, FLOATS[quantization]
        queries, keys = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
        if name := QKV[shape.model_type]:
            setattr(self, name, Matrix(queries + 2 * keys, shape.hidden, quantization,
                                       shape.qkv_bias))
        else:
            for name, width in (("q_proj", queries), ("k_proj", keys), ("v_proj", keys)):
                setattr(self, name, Matrix(width, shape.hidden, quantization))
        self.o_proj = Matrix(shape.hidden, queries, quantization)
        if shape.gemma or shape.model_type == "qwen3":
            self.q_norm = Norm(shape.head_dim, shape.epsilon, self.dtype)
            self.k_norm = Norm(shape.head_dim, shape.epsilon, self.dtype)

    def qkv(self, x, norm):
        """Queries, keys and values of all heads."""
        if name := QKV[self.shape.model_type]:
            return getattr(self, name)(x, norm=norm)
        return op.concat([getattr(self, name)(x, norm=norm)
                          for name in ("q_proj", "k_proj", "v_proj")], dim=1)

    def forward(self, x, norm, cache, angles):
        """All heads' answers [tokens, heads · size]."""
        shape, tokens = self.shape, x.shape[0]
        norms = [self.q_norm.weight, self.k_norm.weight] if hasattr(self, "q_norm") else []
        heads = shape.heads + 2 * shape.kv_heads
        # What is left of the softmax's scale for the cache to pass on is the layer's window.
        rotated = op.extern(
            "tenfold_rotate",
            [shape.heads, shape.kv_heads, shape.query_scale * LOG2_E, int(bool(norms)),
             float(shape.epsilon), self.qkv(x, norm), angles, *norms],
            tensor((1, tokens, heads, shape.head_dim), self.dtype))
        mixed = cache.attention_with_fused_qkv(self.number, rotated, shape.heads,
                                               float(shape.windows[self.number]))
        return op.reshape(mixed, (tokens, shape.heads * shape.head_dim))


class FeedForward(nn.Module):
    """Gated."""

    def __init__(self, shape, quantization):
        self.activation = shape.activation
        self.gate_up_proj = Matrix(2 * shape.feed_forward, shape.hidden, quantization)
        self.down_proj = Matrix(shape.hidden, shape.feed_forward, quantization)

    def forward(self, x, norm, residual=None):
        return self.down_proj(self.gate_up_proj(x, norm=norm), before=self.activation,
                              residual=residual)


class Layer(nn.Module):
    """One transformer block."""

    def __init__(self, shape, quantization, number):
        self.gemma = shape.gemma
        self.self_attn = Attention(shape, quantization, number)
        self.mlp = FeedForward(shape, quantization)
        names = ["input_layernorm", "post_attention_layernorm"]
        if self.gemma:
            names += ["pre_feedforward_layernorm", "post_feedforward_layernorm"]
        for name in names:
            setattr(self, name, Norm(shape.hidden, shape.epsilon, FLOATS[quantization]))

    def forward(self, x, cache, angles):
        mixed = self.self_attn(x, self.input_layernorm, cache, angles)
        if self.gemma:
            x = self.post_attention_layernorm.add(self.self_attn.o_proj(mixed), x)
            return self.post_feedforward_layernorm.add(
                self.mlp(x, self.pre_feedforward_layernorm), x)
        x = self.self_attn.o_proj(mixed, residual=x)
        return self.mlp(x, self.post_attention_layernorm, x)


class Body(nn.Module):
    """All blocks between embedding and logits."""

    def __init__(self, shape, quantization):
        self.shape = shape
        self.embed_tokens = Matrix(shape.vocabulary, shape.hidden, quantization)
        self.layers = nn.ModuleList([Layer(shape, quantization, i) for i in range(shape.layers)])
        self.norm = Norm(shape.hidden, shape.epsilon, FLOATS[quantization])

    def angles(self, positions, frequencies):
        """Cosines and sines of all positions."""
        table = nn.Tensor.from_const(np.array(frequencies, F32))
        return op.extern("tenfold_angles", [1.0, positions, table],
                         tensor((positions.shape[0], 2 * len(frequencies))))

    def forward(self, x, cache):
        positions = cache.get_query_positions(x.shape[0])
        full = self.angles(positions, self.shape.frequencies)
        local = full
        if self.shape.local_frequencies:
            local = self.angles(positions, self.shape.local_frequencies)
        for layer, window in zip(self.layers, self.shape.windows):
            x = layer(x, cache, local if window else full)
        return x


class Network(nn.Module):
    """The functions that MLC's runtime calls, and the weights that they take."""

    def __init__(self, shape, quantization):
        self.shape, self.dtype = shape, FLOATS[quantization]
        self.model = Body(shape, quantization)
        if not shape.tied:
            self.lm_head = Matrix(shape.vocabulary, shape.hidden, quantization)

    def logits(self, x, first, second):
        """Logits [first, second, vocabulary] of all rows of x."""
        head = self.model.embed_tokens if self.shape.tied else self.lm_head
        return op.reshape(head(x, norm=self.model.norm), (first, second, self.shape.vocabulary))

    def hidden(self, embedded, cache):
        """The last block's answer [tokens, width]."""
        first, second, width = embedded.shape
        return self.model(op.reshape(embedded, (first * second, width)), cache)


class LanguageModel(nn.Module):
    """MLC's module: for Gemma 3 the network is a part of it with a name."""

    def __init__(self, shape, quantization):
        self.shape, self.dtype = shape, FLOATS[quantization]
        network = Network(shape, quantization)
        if shape.gemma:
            self.language_model = network
        else:
            self.model = network.model
            if not shape.tied:
                self.lm_head = network.lm_head
        self.network = [network]  # in a list, so that its parameters have no second name

    def embed(self, input_ids):
        shape = self.shape
        return self.network[0].model.embed_tokens.rows(
            input_ids, shape.hidden, shape.hidden ** 0.5 if shape.gemma else 1)

    def decode(self, input_embed, paged_kv_cache):
        network, (first, second, _) = self.network[0], input_embed.shape
        return (network.logits(network.hidden(input_embed, paged_kv_cache), first, second),
                paged_kv_cache)

    def prefill(self, input_embed, paged_kv_cache):
        network = self.network[0]
        x = network.hidden(input_embed, paged_kv_cache)
        last = op.extern("tenfold_last", [x], tensor((1, self.shape.hidden)))
        return network.logits(last, 1, 1), paged_kv_cache

    def batch_decode(self, input_embeds, paged_kv_cache):
        return self.decode(input_embeds, paged_kv_cache)

    def batch_verify(self, input_embeds, paged_kv_cache):
        return self.decode(input_embeds, paged_kv_cache)

    def batch_prefill(self, input_embeds, logit_positions, paged_kv_cache):
        network, count = self.network[0], logit_positions.shape[0]
        x = network.hidden(input_embeds, paged_kv_cache)
        x = op.extern("tenfold_take", [x, logit_positions], tensor((count, self.shape.hidden)))
        return network.logits(x, 1, count), paged_kv_cache

    def create_tir_paged_kv_cache(self, max_batch_size, max_total_seq_len, prefill_chunk_size,
                                  page_size, support_sliding_window):
        """TVM's cache with our functions. It keeps all tokens for all layers: windows are the
        attention's, so that a sequence can go back over any number of tokens."""
        shape, value = self.shape, relax.prim_value

        def kernel(name):
            return relax.Tuple([ir.StringImm("tirx"), relax.ExternFunc(name)])

        pages, token = kernel("tenfold_attend_pages"), kernel("tenfold_attend_token")
        unused = relax.ExternFunc("tenfold_unused")
        tree = relax.Tuple([ir.StringImm("tirx"), unused])
        arguments = [
            relax.ShapeExpr([max_batch_size, max_total_seq_len, prefill_chunk_size, page_size,
                             support_sliding_window, 1]),
            relax.ShapeExpr([0, shape.layers]), value(shape.heads), value(shape.kv_heads),
            value(shape.head_dim), value(shape.head_dim), relax.ShapeExpr([0] * shape.layers),
            value(False), value(int(RopeMode.NONE)), value(1), value(10000), value(0),
            relax.op.zeros((), self.dtype), relax.ExternFunc("tenfold_append"), unused,
            kernel("tenfold_attend_step"), pages, token, pages, token, tree, tree,
            relax.Tuple([]), relax.Tuple([relax.ExternFunc("tenfold_merge")]),
            relax.ExternFunc("tenfold_split"), relax.ExternFunc("tenfold_copy_page"), unused,
            unused]
        return PagedKVCache(
            _expr=relax.call_pure_packed("vm.builtin.paged_attention_kv_cache_create", *arguments,
                                         ty_args=relax.AnyType()), _name="paged_kv_cache")

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
