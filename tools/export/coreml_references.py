#!/usr/bin/env python3
"""Writes what numpy and torch compute for every operation of MIL that the Core ML engine knows.

Usage: coreml_references.py OUT      (engines/coreml/testdata/operators.json)

A case has the operation's type, its inputs and outputs. Inputs are [type, shape, numbers], lists of
these, or text; those named in "given" come when the function runs, the others are constants.
Meanings are those of MIL's documentation in coremltools 9.0 (converters/mil/mil/ops/defs).
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

random = np.random.default_rng(7)
cases = []


def tensor(value):
    value = np.asarray(value)
    kind = {"f": "fp32", "i": "int32", "b": "bool"}[value.dtype.kind]
    if value.dtype == np.float16:
        kind = "fp16"
    numbers = [round(float(v), 6) if kind.startswith("fp") else int(v) for v in value.ravel()]
    numbers = ["inf" if v == np.inf else "-inf" if v == -np.inf else v for v in numbers]
    return [kind, list(value.shape), numbers]


def encoded(value):
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and isinstance(value[0], np.ndarray):
        return [tensor(v) for v in value]
    return tensor(value)


def case(type_, outputs, given="x", **inputs):
    outputs = outputs if isinstance(outputs, list) else [outputs]
    cases.append({"type": type_, "given": given.split(), "inputs":
                  {name: encoded(value) for name, value in inputs.items() if value is not None},
                  "outputs": [tensor(output) for output in outputs]})


def floats(*shape, low=-2.0, high=2.0):
    return np.round(random.uniform(low, high, shape), 3).astype(np.float32)


def integers(*shape, low=-9, high=9):
    return random.integers(low, high, shape).astype(np.int32)


def t(value):
    return torch.from_numpy(np.asarray(value))


def unary():
    x = floats(2, 3, 4)
    positive = floats(2, 3, low=0.1, high=3)
    f = functional
    for name, output in {
            "abs": np.abs(x), "ceil": np.ceil(x), "cos": np.cos(x), "erf": torch.erf(t(x)).numpy(),
            "exp": np.exp(x), "exp2": np.exp2(x), "floor": np.floor(x), "identity": x,
            "relu": np.maximum(x, 0), "relu6": np.clip(x, 0, 6), "round": np.round(x),
            "sigmoid": torch.sigmoid(t(x)).numpy(), "sign": np.sign(x), "silu": f.silu(t(x)).numpy(),
            "sin": np.sin(x), "softplus": f.softplus(t(x)).numpy(),
            "softsign": f.softsign(t(x)).numpy(), "square": x * x, "tanh": np.tanh(x)}.items():
        case(name, output, x=x)
    case("abs", np.abs(integers(5) * 0 - 3), x=np.full(5, -3, np.int32))
    case("sqrt", np.sqrt(positive), x=positive)
    case("rsqrt", 1 / np.sqrt(positive + 0.01), x=positive, epsilon=np.float32(0.01))
    case("inverse", 1 / (positive + 0.01), x=positive, epsilon=np.float32(0.01))
    case("log", np.log(positive), x=positive)
    case("clip", np.clip(x, -1, 0.5), x=x, alpha=np.float32(-1), beta=np.float32(0.5))
    case("threshold", np.maximum(x, 0.25), x=x, alpha=np.float32(0.25))
    case("leaky_relu", np.where(x >= 0, x, 0.1 * x), x=x, alpha=np.float32(0.1))
    case("elu", f.elu(t(x), 0.7).numpy(), x=x, alpha=np.float32(0.7))
    case("sigmoid_hard", np.clip(0.3 * x + 0.4, 0, 1), x=x, alpha=np.float32(0.3),
         beta=np.float32(0.4))
    case("linear_activation", 3 * x + 1, x=x, alpha=np.float32(3), beta=np.float32(1))
    case("gelu", f.gelu(t(x)).numpy(), x=x, mode="EXACT")
    case("gelu", f.gelu(t(x), approximate="tanh").numpy(), x=x, mode="TANH_APPROXIMATION")
    case("gelu", x * torch.sigmoid(1.702 * t(x)).numpy(), x=x, mode="SIGMOID_APPROXIMATION")
    case("logical_not", np.array([True, False, False]), x=np.array([False, True, True]))
    case("cast", np.trunc(x).astype(np.int32), x=x, dtype="int32")
    case("cast", x, x=x, dtype="fp16")
    case("cast", np.array([1.0, -7.0], np.float32), x=np.array([1, -7], np.int32), dtype="fp32")
    case("cast", np.array([False, True, True]), x=np.array([0, 3, -1], np.int32), dtype="bool")
    case("cast", np.array([0, 511], np.int32), x=np.array([0, 511], np.int32), dtype="uint16")


def binary():
    pairs = [(floats(2, 3, 4), floats(3, 1)), (floats(4), floats(2, 1, 4)),
             (integers(3, 2), integers(2, low=1)), (floats(2, 2), np.float32(2))]
    for name, function in {"add": np.add, "sub": np.subtract, "mul": np.multiply,
                           "maximum": np.maximum, "minimum": np.minimum}.items():
        for x, y in pairs:
            case(name, function(x, y), "x y", x=x, y=y)
    for x, y in pairs:
        y = np.where(np.abs(y) < 0.3, 0.7, y).astype(y.dtype)
        quotient = np.trunc(x / y).astype(x.dtype) if x.dtype == np.int32 else x / y
        case("real_div", quotient, "x y", x=x, y=y)
        case("floor_div", np.floor_divide(x, y), "x y", x=x, y=y)
        case("mod", np.mod(x, y), "x y", x=x, y=y)
    base = floats(2, 3, low=0.2)
    case("pow", base ** 2, x=base, y=np.float32(2))
    case("pow", base ** np.float32([0.5, 1.5, -1]), "x y", x=base, y=np.float32([0.5, 1.5, -1]))
    case("pow", np.array([9, 16], np.int32), "x y", x=np.array([3, -4], np.int32), y=np.int32(2))
    for name, function in {"equal": np.equal, "not_equal": np.not_equal, "less": np.less,
                           "less_equal": np.less_equal, "greater": np.greater,
                           "greater_equal": np.greater_equal}.items():
        x, y = integers(3, 4, high=-5), integers(4, high=-5)
        case(name, function(x, y), "x y", x=x, y=y)
        case(name, function(x.astype(np.float32), np.float32(-7)), x=x.astype(np.float32),
             y=np.float32(-7))
    x, y = random.random((3, 4)) < 0.5, random.random(4) < 0.5
    for name, function in {"logical_and": np.logical_and, "logical_or": np.logical_or,
                           "logical_xor": np.logical_xor}.items():
        case(name, function(x, y), "x y", x=x, y=y)
    a, b, condition = floats(3, 4), floats(4), random.random((3, 1)) < 0.5
    case("select", np.where(condition, a, b), "cond a b", cond=condition, a=a, b=b)
    a, b = integers(5), integers(5)
    case("select", np.where(a > b, a, b), "cond a b", cond=a > b, a=a, b=b)


def reductions():
    x = floats(2, 3, 4)
    for name, function in {
            "reduce_sum": np.sum, "reduce_mean": np.mean, "reduce_max": np.max,
            "reduce_min": np.min, "reduce_prod": np.prod,
            "reduce_sum_square": lambda v, **k: np.sum(v * v, **k),
            "reduce_l1_norm": lambda v, **k: np.sum(np.abs(v), **k),
            "reduce_l2_norm": lambda v, **k: np.sqrt(np.sum(v * v, **k)),
            "reduce_log_sum": lambda v, **k: np.log(np.sum(v, **k)),
            "reduce_log_sum_exp": lambda v, **k: np.log(np.sum(np.exp(v), **k))}.items():
        value = np.abs(x) if name == "reduce_log_sum" else x
        for axes, keep in (((-1,), True), ((0, 2), False), (None, False)):
            case(name, np.asarray(function(value, axis=axes, keepdims=keep), np.float32), x=value,
                 axes=None if axes is None else np.array(axes, np.int32), keep_dims=np.array(keep))
    whole = integers(3, 4)
    case("reduce_sum", whole.sum(1, dtype=np.int32), x=whole, axes=np.array([1], np.int32),
         keep_dims=np.array(False))
    for name, function in {"reduce_argmax": np.argmax, "reduce_argmin": np.argmin}.items():
        case(name, function(x, 1).astype(np.int32), x=x, axis=np.int32(1),
             keep_dims=np.array(False))
        case(name, function(x, -1)[..., None].astype(np.int32), x=x, axis=np.int32(-1),
             keep_dims=np.array(True))
    case("cumsum", np.cumsum(x, 1), x=x, axis=np.int32(1))
    backwards = np.flip(np.cumsum(np.flip(x, 0), 0), 0) - x
    case("cumsum", backwards, x=x, axis=np.int32(0), exclusive=np.array(True),
         reverse=np.array(True))


def shapes():
    x = floats(2, 3, 4)
    numbers = np.array
    case("reshape", x.reshape(4, 6), x=x, shape=numbers([4, -1], np.int32))
    case("reshape", x.reshape(2, 12), "x shape", x=x, shape=numbers([0, 12], np.int32))
    case("expand_dims", x[:, None, :, :, None], x=x, axes=numbers([1, -1], np.int32))
    case("squeeze", x[:1, :1, :].reshape(4), x=x[:1, :1, :])
    case("squeeze", x[:1].reshape(3, 4), x=x[:1], axes=numbers([0], np.int32))
    case("flatten2d", x.reshape(6, 4), x=x, axis=np.int32(2))
    case("transpose", x.transpose(2, 0, 1), x=x, perm=numbers([2, 0, -2], np.int32))
    y = floats(2, 2, 4)
    case("concat", np.concatenate([x, y], 1), "values", values=[x, y], axis=np.int32(-2))
    case("concat", numbers([1, 2, 3], np.int32), "values", axis=np.int32(0),
         values=[np.array(1, np.int32), np.array([2], np.int32), np.array(3, np.int32)])
    mixed = np.stack([x, x + 1], 2).reshape(2, 6, 4)
    case("concat", mixed, "values", values=[x, x + 1], axis=np.int32(1), interleave=np.array(True))
    case("stack", np.stack([x, x * 2], 1), "values", values=[x, x * 2], axis=np.int32(1))
    case("tile", np.tile(x, (2, 1, 3)), x=x, reps=numbers([2, 1, 3], np.int32))
    case("tile", np.tile(x[:, :1], (1, 5, 1)), "x reps", x=x[:, :1],
         reps=numbers([1, 5, 1], np.int32))
    case("split", np.split(x, 2, 2), x=x, axis=np.int32(2))
    case("split", [x[:, :1], x[:, 1:]], x=x, axis=np.int32(1),
         split_sizes=numbers([1, 2], np.int32))
    case("shape", numbers([2, 3, 4], np.int32), x=x)
    case("fill", np.full((2, 3), 1.5, np.float32), "shape", shape=numbers([2, 3], np.int32),
         value=np.float32(1.5))
    case("fill_like", np.full((2, 3, 4), 7, np.int32), "ref_tensor", ref_tensor=x,
         value=np.int32(7))
    case("range_1d", np.arange(3, 11, 2, dtype=np.int32), "start end", start=np.int32(3),
         end=np.int32(11), step=np.int32(2))
    case("range_1d", np.arange(0, 1, 0.25, dtype=np.float32), "end", start=np.float32(0),
         end=np.float32(1), step=np.float32(0.25))
    case("reverse", np.flip(x, (0, 2)).copy(), x=x, axes=numbers([0, -1], np.int32))
    case("pad", np.pad(x, ((0, 0), (1, 2), (0, 3)), constant_values=9.0), x=x,
         pad=numbers([1, 2, 0, 3], np.int32), mode="constant", constant_val=np.float32(9))
    case("band_part", np.tril(x), x=x, lower=np.int32(-1), upper=np.int32(0))
    case("band_part", np.triu(x, -1), x=x, lower=np.int32(1), upper=np.int32(-1))
    case("slice_by_index", x[0:2, 1:3, ::2], x=x, begin=numbers([0, 1, 0], np.int32),
         end=numbers([2, 3, 0], np.int32), stride=numbers([1, 1, 2], np.int32),
         end_mask=numbers([False, False, True]))
    case("slice_by_index", x[1, :, ::-1][:, :-1], "x begin end", x=x,
         begin=numbers([1, 0, 0], np.int32), end=numbers([0, 3, 0], np.int32),
         stride=numbers([1, 1, -1], np.int32), begin_mask=numbers([False, True, True]),
         squeeze_mask=numbers([True, False, False]))
    case("slice_by_size", x[1:, 0:2, 1:], x=x, begin=numbers([1, 0, -3], np.int32),
         size=numbers([1, 2, -1], np.int32))
    updated = x.copy()
    updated[:, 1, :] = y[:, 0]
    case("slice_update", updated, "x update begin", x=x, update=y[:, 0],
         begin=numbers([0, 1, 0], np.int32), end=numbers([2, 2, 4], np.int32),
         squeeze_mask=numbers([False, True, False]))


def gathers():
    x, at = floats(3, 4, 2), np.array([[2, 0], [-1, 1]], np.int32)
    case("gather", x[at], "x indices", x=x, indices=at, axis=np.int32(0))
    case("gather", x[:, at], "x indices", x=x, indices=at, axis=np.int32(1))
    case("gather", x[:, :, 1], x=x, indices=np.int32(1), axis=np.int32(2))
    table = floats(5, 6).astype(np.float16)
    case("gather", table[at[0]].astype(np.float32), "indices", x=table, indices=at[0],
         axis=np.int32(0))
    places = np.array([[1, 3], [0, 2], [3, 3]], np.int32)
    batched = np.stack([x[i][places[i]] for i in range(3)])
    case("gather", batched, "x indices", x=x, indices=places, axis=np.int32(1),
         batch_dims=np.int32(1))
    case("gather_nd", x[[0, 2], [1, 3]], "x indices", x=x,
         indices=np.array([[0, 1], [2, 3]], np.int32))
    along = random.integers(0, 4, (3, 2, 2)).astype(np.int32)
    case("gather_along_axis", np.take_along_axis(x, along, 1), "x indices", x=x, indices=along,
         axis=np.int32(1))
    updates = floats(2, 2)
    places = np.array([[0, 1], [2, 3]], np.int32)
    for mode in ("update", "add"):
        result = x.copy()
        for place, update in zip(places, updates):
            result[tuple(place)] = update + (result[tuple(place)] if mode == "add" else 0)
        case("scatter_nd", result, "data indices updates", data=x, indices=places,
             updates=updates, mode=mode)
    order = np.argsort(-x.reshape(3, 8), -1)[:, :3]
    case("topk", [np.take_along_axis(x.reshape(3, 8), order, -1), order.astype(np.int32)],
         x=x.reshape(3, 8), k=np.int32(3), axis=np.int32(-1))
    case("one_hot", np.eye(4, dtype=np.float32)[[1, 3]] * 2, "indices",
         indices=np.array([1, 3], np.int32), one_hot_vector_size=np.int32(4),
         on_value=np.float32(2))


def matrices():
    x, weight, bias = floats(2, 3, 8), floats(5, 8), floats(5)
    case("linear", x @ weight.T + bias, x=x, weight=weight, bias=bias)
    half = weight.astype(np.float16)
    case("linear", x @ half.astype(np.float32).T, x=x, weight=half, bias=np.zeros(5, np.float32))
    case("linear", x @ weight.T, "x weight", x=x, weight=weight)
    a, b = floats(2, 3, 4), floats(2, 4, 5)
    case("matmul", a @ b, "x y", x=a, y=b)
    case("matmul", a @ b, "x y", x=a, y=b.transpose(0, 2, 1), transpose_y=np.array(True))
    case("matmul", a @ b[0], "x y", x=a.transpose(0, 2, 1), y=b[0], transpose_x=np.array(True))
    case("matmul", a @ b[1], x=a, y=b[1])
    case("matmul", a @ b[1], x=a, y=b[1].T, transpose_y=np.array(True))
    case("matmul", a[0] @ b[1][:, 0], "x y", x=a[0], y=b[1][:, 0])
    case("matmul", a[:, None] @ b[None], "x y", x=a[:, None], y=b[None])
    image, filters = floats(1, 8, 1, 4), floats(6, 8, 1, 1)
    expected = functional.conv2d(t(image), t(filters), t(bias[[0, 1, 2, 3, 4, 0]])).numpy()
    case("conv", expected, x=image, weight=filters, bias=bias[[0, 1, 2, 3, 4, 0]],
         pad_type="valid", strides=np.array([1, 1], np.int32), groups=np.int32(1))
    query, key, value = floats(1, 4, 3, 8), floats(1, 4, 6, 8), floats(1, 4, 6, 8)
    mask = np.triu(np.full((3, 6), -np.inf, np.float32), 4)[None, None]
    attend = functional.scaled_dot_product_attention
    names = "query key value"
    name = "scaled_dot_product_attention"
    case(name, attend(t(query), t(key), t(value)).numpy(), names, query=query, key=key,
         value=value)
    case(name, attend(t(query), t(key), t(value), t(mask)).numpy(), names + " attn_mask",
         query=query, key=key, value=value, attn_mask=mask)
    case(name, attend(t(query), t(key), t(value), t(mask == 0)).numpy(), names + " attn_mask",
         query=query, key=key, value=value, attn_mask=mask == 0)
    per_head = floats(1, 4, 3, 6)
    case(name, attend(t(query), t(key), t(value), t(per_head)).numpy(), names + " attn_mask",
         query=query, key=key, value=value, attn_mask=per_head)
    two, keys, values = floats(2, 2, 3, 8), floats(2, 2, 5, 8), floats(2, 2, 5, 4)
    case(name, attend(t(two), t(keys), t(values)).numpy(), names, query=two, key=keys,
         value=values)


def normalizations():
    x = floats(2, 3, 8)
    for axis in (-1, 1):
        case("softmax", torch.softmax(t(x), axis).numpy(), x=x, axis=np.int32(axis))
    gamma, beta = floats(8), floats(8)
    case("layer_norm", functional.layer_norm(t(x), (8,), t(gamma), t(beta), 1e-3).numpy(), x=x,
         axes=np.array([-1], np.int32), gamma=gamma, beta=beta, epsilon=np.float32(1e-3))
    case("layer_norm", functional.layer_norm(t(x), (3, 8)).numpy(), x=x,
         axes=np.array([1, 2], np.int32), epsilon=np.float32(1e-5))
    x = floats(2, 1, 3, 4)
    norm = x / np.sqrt((x * x).sum((1, 2, 3), keepdims=True) + 1e-6)
    case("l2_norm", norm, x=x, epsilon=np.float32(1e-6))


def main():
    for write in (unary, binary, reductions, shapes, gathers, matrices, normalizations):
        write()
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in cases)
    Path(sys.argv[1]).write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    print(f"{len(cases)} cases of {len({one['type'] for one in cases})} operations")


if __name__ == "__main__":
    main()
