"""How MLC stores a weight, in numpy: mlc_llm's GroupQuantize and NoQuantize."""

import numpy as np

from mlc_linear import FLOATS, GROUP, PACKED

ZERO = 7  # what a weight of 0 is stored as; 15 is not used


def pack(weight, quantization):
    """The stored arrays of a weight, by the last part of their names."""
    floats = FLOATS[quantization]
    if weight.ndim != 2 or quantization.startswith("q0"):
        return {"": weight.astype(floats)}
    outputs, inputs = weight.shape
    groups = weight.reshape(outputs, inputs // GROUP, GROUP)
    scale = (np.abs(groups).max(-1) / np.float32(ZERO)).astype(floats)
    exact = scale.astype("float32")
    numbers = np.round(groups / np.where(exact == 0, 1, exact)[..., None] + ZERO)
    numbers = numbers.clip(0, 2 * ZERO).astype("uint32").reshape(outputs, -1, PACKED)
    shifts = np.arange(PACKED, dtype="uint32") * np.uint32(4)
    return {"q_weight": np.bitwise_or.reduce(numbers << shifts, axis=-1), "q_scale": scale}


def unpack(words, scale):
    """The weight that q_weight and q_scale stand for, in f32."""
    shifts = np.arange(PACKED, dtype="uint32") * np.uint32(4)
    numbers = (words[..., None] >> shifts & np.uint32(15)).astype("float32") - ZERO
    groups = numbers.reshape(words.shape[0], -1, GROUP)
    return (groups * scale.astype("float32")[..., None]).reshape(words.shape[0], -1)
