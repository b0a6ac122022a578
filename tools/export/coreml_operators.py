"""Operations that transformers 5 traces and coremltools 9.0 does not convert."""

import numpy as np
from coremltools.converters.mil import Builder, register_torch_op
from coremltools.converters.mil.frontend.torch import torch_op_registry
from coremltools.converters.mil.frontend.torch.ops import _get_inputs


def new_ones(context, node):
    """A tensor of ones, which masks use as true."""
    shape = _get_inputs(context, node)[1]
    if isinstance(shape, list):
        known = all(side.val is not None for side in shape)
        shape = (np.array([int(side.val) for side in shape], np.int32) if known
                 else Builder.concat(values=shape, axis=0))
    elif shape.val is not None:
        shape = np.atleast_1d(shape.val).astype(np.int32)
    scalar = isinstance(shape, np.ndarray) and shape.size == 0
    context.add(Builder.const(val=np.bool_(True), name=node.name) if scalar
                else Builder.fill(shape=shape, value=True, name=node.name))


def logical_and(context, node):
    """The bitwise operation, which transformers applies to truth values."""
    x, y = (Builder.cast(x=value, dtype="bool") for value in _get_inputs(context, node)[:2])
    context.add(Builder.logical_and(x=x, y=y, name=node.name))


def register():
    register_torch_op(new_ones)
    for name in ("and", "__and__", "bitwise_and", "and_"):
        torch_op_registry._TORCH_OPS_REGISTRY.name_to_func_mapping[name] = logical_and
