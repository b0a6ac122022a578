#!/usr/bin/env python3
"""Writes the programs of a few kilobytes that the ExecuTorch engine's tests open.

Usage: executorch_small_programs.py [OUT]      (default engines/executorch/testdata)

All but the broken ones and those with a state are "language models" whose next token is the last one plus 1. Packages: as
for executorch_llm_from_hf.py.
"""

import sys
from pathlib import Path

import torch

VOCABULARY = 512
OUT = Path(__file__).resolve().parents[2] / "engines" / "executorch" / "testdata"
GOOD = {"get_max_seq_len": 64, "get_eos_id": 2, "get_bos_id": 1}


class Successor(torch.nn.Module):
    """Logits of 1 for the next token and 0 for the others, of every token."""

    def __init__(self, dtype=torch.float32):
        super().__init__()
        self.register_buffer("ids", torch.arange(VOCABULARY))
        self.dtype = dtype

    def forward(self, tokens, start_pos):
        return (tokens.unsqueeze(-1) + 1 == self.ids).to(self.dtype) + start_pos[0] * 0


class Blind(Successor):
    """The same without positions."""

    def forward(self, tokens):
        return (tokens.unsqueeze(-1) + 1 == self.ids).to(self.dtype)


class Averaging(torch.nn.Module):
    """The next token is half the last one and half what the state was, which linear attention keeps; 0 at position 0."""

    def __init__(self):
        super().__init__()
        self.register_buffer("ids", torch.arange(VOCABULARY, dtype=torch.float32))
        self.register_buffer("state", torch.zeros(1, 1, 1, 1))

    def forward(self, tokens, start_pos):
        self.state.mul_((start_pos[0] != 0).to(torch.float32))
        count = tokens.shape[1]
        ones, half = torch.ones(1, 1, count, 1), torch.full((1, 1, count), 0.5)
        value = tokens.to(torch.float32).reshape(1, 1, count, 1)
        out, state = torch.ops.llama.gated_delta_rule(ones, ones, value, torch.ones(1, 1, count), half, self.state)
        self.state.copy_(state)
        return -(self.ids - out.reshape(1, count, 1)).abs()


class Sum(torch.nn.Module):
    """The next token is the sum of all so far. A token of 256 or more is added, and then the call fails."""

    def __init__(self):
        super().__init__()
        self.register_buffer("ids", torch.arange(VOCABULARY, dtype=torch.float32))
        self.register_buffer("sum", torch.zeros(1, 1, 1, 1))

    def forward(self, tokens, start_pos):
        value = tokens.to(torch.float32).reshape(1, 1, 1, 1) + self.sum * (start_pos[0] != 0).to(torch.float32)
        torch.ops.llama.update_cache_with_indices(value, self.sum, 0, tokens * 0)
        torch.ops.llama.update_cache_with_indices(value, self.sum, 0, (tokens >= 256).to(torch.int64))
        return -(self.ids - self.sum.reshape(1, 1, 1)).abs()


def write(path, module, inputs, methods):
    """Lowers a module to portable operators."""
    from executorch.exir import EdgeCompileConfig, to_edge_transform_and_lower

    edge = to_edge_transform_and_lower(
        torch.export.export(module, inputs), constant_methods=methods,
        compile_config=EdgeCompileConfig(_check_ir_validity=False))
    path.write_bytes(edge.to_executorch().buffer)
    print(f"{path}: {path.stat().st_size} bytes")


def main():
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    out.mkdir(parents=True, exist_ok=True)
    one, four = (torch.tensor([[3] * n]) for n in (1, 4))
    start = torch.tensor([0])
    write(out / "one_by_one.pte", Successor(), (one, start), GOOD)
    write(out / "four_by_four.pte", Successor(), (four, start),
          {**GOOD, "enable_dynamic_shape": False})
    write(out / "no_cache.pte", Successor(), (one, start), {**GOOD, "use_kv_cache": False})
    write(out / "other_vocabulary.pte", Successor(), (one, start),
          {**GOOD, "get_vocab_size": VOCABULARY + 1})
    write(out / "no_context.pte", Successor(), (one, start), {"get_max_seq_len": 0})
    write(out / "half_logits.pte", Successor(torch.float16), (one, start), GOOD)
    write(out / "no_positions.pte", Blind(), (one,), GOOD)
    from executorch.extension.llm.custom_ops import custom_ops  # noqa: F401  registers them

    write(out / "averaging.pte", Averaging(), (one, start), GOOD)
    write(out / "averaging_by_four.pte", Averaging(), (four, start), {**GOOD, "enable_dynamic_shape": False})
    write(out / "sum.pte", Sum(), (one, start), GOOD)


if __name__ == "__main__":
    main()
