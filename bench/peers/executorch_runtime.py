"""ExecuTorch's Python runtime, greedy. usage: executorch_runtime.py FOLDER THREADS [DEPTH]

The runtime has no call for its thread count, which is that of the cores it may use."""
import os
import sys
import time
from pathlib import Path

folder, threads = Path(sys.argv[1]), int(sys.argv[2])
os.sched_setaffinity(0, list(os.sched_getaffinity(0))[:threads])

import torch  # noqa: E402
from executorch.extension.llm.custom_ops import custom_ops  # noqa: E402, F401  registers its operators
import executorch.kernels.quantized  # noqa: E402, F401  as well
from executorch.runtime import Runtime  # noqa: E402

from timing import measure  # noqa: E402

program = Runtime.get().load_program(str(folder / "model.pte"))
constant = {name: program.load_method(name).execute([])[0] for name in ("get_max_seq_len", "get_vocab_size")}
forward = program.load_method("forward")
tokens, positions = (forward.metadata.input_tensor_meta(i).sizes() for i in (0, 1))


def logits(ids, position):
    count = len(ids) if positions[0] > 1 else 1  # or the position of the first alone
    rows = forward.execute([torch.tensor([ids]), torch.arange(position, position + count)])[0]
    return rows.reshape(-1, rows.shape[-1])


def prefill(ids, start):
    chunk = min(constant["get_max_seq_len"], tokens[1])
    for first in range(0, len(ids), chunk):
        logits(ids[first:first + chunk], start + first)


def decode(token, count, start):
    token = logits([token], start)[-1].argmax().item()
    began = time.perf_counter()
    for position in range(start + 1, start + count + 1):
        token = logits([token], position)[-1].argmax().item()
    return time.perf_counter() - began


measure(constant["get_vocab_size"], prefill, decode, *map(int, sys.argv[3:]))
