"""The matrices of an MLC model: how weights are stored, and the call of the kernel for them."""

from tvm.relax.frontend import nn
from tvm.relax.frontend.nn import op

GROUP = 32  # inputs that share a scale
PACKED = 8  # weights in one 32-bit word, the first in the lowest bits
BEFORE = {None: 0, "norm": 1, "silu": 2, "gelu": 3}  # what the kernel does to its input
FLOATS = {"q0f32": "float32", "q0f16": "float16", "q4f32_1": "float32", "q4f16_1": "float16"}


def tensor(shape, dtype="float32"):
    """The type of a kernel's answer."""
    return nn.Tensor.placeholder(shape, dtype)


class Matrix(nn.Module):
    """A weight of `outputs` rows and `inputs` columns: plain, or 4 bits with a scale for each 32."""

    def __init__(self, outputs, inputs, quantization, bias=False):
        self.outputs = outputs
        floats = FLOATS[quantization]
        if quantization.startswith("q0"):
            self.weight = nn.Parameter((outputs, inputs), floats)
        else:
            if inputs % GROUP:
                raise ValueError(f"{quantization} needs rows of whole groups of {GROUP}, not of "
                                 f"{inputs}")
            self.q_weight = nn.Parameter((outputs, inputs // PACKED), "uint32")
            self.q_scale = nn.Parameter((outputs, inputs // GROUP), floats)
        if bias:
            self.bias = nn.Parameter((outputs,), floats)

    def parts(self):
        """The parameters of the weight alone."""
        return [self.weight] if hasattr(self, "weight") else [self.q_weight, self.q_scale]

    def forward(self, x, before=None, norm=None, residual=None):
        """x · weightᵀ (+ bias) (+ residual) for x [tokens, …], normed or gated before."""
        bias = [self.bias] if hasattr(self, "bias") else []
        parts = self.parts()
        arguments = [
            BEFORE["norm" if norm else before], float(norm.epsilon if norm else 0), len(bias),
            int(residual is not None), len(parts), x, *([norm.weight] if norm else []), *bias,
            *([residual] if residual is not None else []), *parts]
        return op.extern("tenfold_linear", arguments, tensor((x.shape[0], self.outputs)))

    def rows(self, ids, inputs, factor):
        """The rows with these numbers, multiplied by a factor."""
        parts = self.parts()
        return op.extern("tenfold_embed", [float(factor), len(parts), ids, *parts],
                         tensor((ids.shape[0], inputs)))
