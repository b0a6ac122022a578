"""The matrices of an MLC model: how weights are stored, multiplied and scheduled on a CPU."""

import numpy as np
import tvm
from tvm import s_tir, te, tirx
from tvm.relax.frontend import nn
from tvm.relax.frontend.nn import op

GROUP = 32  # inputs that share a scale
PACKED = 8  # weights in one 32-bit word, the first in the lowest bits
ZERO = 7    # what a weight of 0 is stored as; 15 is not used
ROWS_TOGETHER, OUTER_ROWS = 4, 32  # outputs that share a read of the input; outputs of one task
LANES = {"q0f32": 16, "q4f32_1": PACKED}  # inputs in one vector


class Matrix(nn.Module):
    """A weight of `outputs` rows and `inputs` columns."""

    def __init__(self, outputs, inputs):
        self.outputs, self.inputs = outputs, inputs

    def forward(self, x):
        """x · weightᵀ for x [batch, length, inputs]."""
        def compute(x, *parts):
            k = te.reduce_axis((0, self.inputs), "k")
            return te.compute(
                (x.shape[0], x.shape[1], self.outputs),
                lambda b, s, n: te.sum(x[b, s, k] * self.element(parts, n, k), axis=k), "linear")
        return op.tensor_expr_op(compute, "linear", [x, *self.parts()])

    def rows(self, ids):
        """The rows with these numbers."""
        def compute(ids, *parts):
            return te.compute((ids.shape[0], self.inputs),
                              lambda i, k: self.element(parts, ids[i], k), "rows")
        return op.tensor_expr_op(compute, "rows", [ids, *self.parts()])


class PlainMatrix(Matrix):
    """q0f32: 32-bit floats."""

    def __init__(self, outputs, inputs):
        super().__init__(outputs, inputs)
        self.weight = nn.Parameter((outputs, inputs), "float32")

    def parts(self):
        return [self.weight]

    @staticmethod
    def element(parts, row, column):
        return parts[0][row, column]

    @staticmethod
    def pack(weight):
        """The stored arrays of a weight, by name."""
        return {"weight": weight}


class GroupedMatrix(Matrix):
    """q4f32_1: 4-bit numbers with a scale for each 32 inputs."""

    def __init__(self, outputs, inputs):
        super().__init__(outputs, inputs)
        if inputs % GROUP:
            raise ValueError(f"q4f32_1 needs rows of whole groups of {GROUP}, not of {inputs}")
        self.q_weight = nn.Parameter((outputs, inputs // PACKED), "uint32")
        self.q_scale = nn.Parameter((outputs, inputs // GROUP), "float32")

    def parts(self):
        return [self.q_weight, self.q_scale]

    @staticmethod
    def element(parts, row, column):
        words, scales = parts
        shift = (column % PACKED * 4).astype("uint32")
        number = (words[row, column // PACKED] >> shift) & tirx.const(15, "uint32")
        # Through int32 because SSE converts signed numbers only.
        return (number.astype("int32").astype("float32") - ZERO) * scales[row, column // GROUP]

    @staticmethod
    def pack(weight):
        """The stored arrays of a weight, by name."""
        outputs, inputs = weight.shape
        groups = weight.reshape(outputs, inputs // GROUP, GROUP)
        scale = np.abs(groups).max(-1) / np.float32(ZERO)
        numbers = np.round(groups / np.where(scale == 0, 1, scale)[..., None] + ZERO)
        numbers = numbers.clip(0, 2 * ZERO).astype("uint32").reshape(outputs, -1, PACKED)
        shifts = np.arange(PACKED, dtype="uint32") * np.uint32(4)
        return {"q_weight": np.bitwise_or.reduce(numbers << shifts, axis=-1), "q_scale": scale}


MATRICES = {"q0f32": PlainMatrix, "q4f32_1": GroupedMatrix}


def schedule(function, lanes):
    """A linear layer in parallel over outputs with a vector of partial sums for each output.

    None for any other function."""
    plan = s_tir.Schedule(function)
    blocks = [plan.get(block).name_hint for block in plan.get_child_blocks(plan.get_sblock("root"))]
    if "linear" not in blocks:
        return None
    total = plan.get_sblock("linear")
    *_, rows, inputs = plan.get_loops(total)
    _, lane = plan.split(inputs, [None, lanes])
    partial = plan.rfactor(lane, factor_axis=3)
    batch, length, rows, lane = plan.get_loops(total)
    count = int(plan.get(rows).extent)
    outer = next(n for n in range(min(OUTER_ROWS, count), 0, -1) if count % n == 0)
    together = next(n for n in range(min(ROWS_TOGETHER, outer), 0, -1) if outer % n == 0)
    task, group, row = plan.split(rows, [None, outer // together, together])
    position = plan.fuse(batch, length)
    plan.reorder(task, position, group, row)
    plan.parallel(task)
    plan.compute_at(partial, group, preserve_unit_loops=True)
    plan.set_scope(partial, 0, "local")
    part_lane, part_batch, part_length, part_row, part_input = plan.get_loops(partial)[3:]
    plan.reorder(part_batch, part_length, part_input, part_row, part_lane)
    plan.vectorize(part_lane)
    plan.unroll(part_row)
    row, lane = plan.get_loops(total)[-2:]
    plan.unroll(row)
    plan.unroll(lane)
    plan.decompose_reduction(partial, part_input)
    plan.decompose_reduction(total, lane)
    return plan.mod["main"].with_attr("tirx.is_scheduled", True)


def schedule_pass(quantization):
    """The pass that schedules all linear layers of a module."""
    @tvm.transform.module_pass(opt_level=0, name="ScheduleLinear")
    def run(module, _):
        for name, function in module.functions_items():
            if isinstance(function, tirx.PrimFunc):
                if (scheduled := schedule(function, LANES[quantization])) is not None:
                    module[name] = scheduled
        return module
    return run
