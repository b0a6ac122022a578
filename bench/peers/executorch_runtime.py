"""ExecuTorch's Python runtime, greedy. usage: executorch_runtime.py FOLDER THREADS

The runtime has no call for its thread count, which is that of the cores it may use."""
import os
import sys
import time
from pathlib import Path

folder, threads = Path(sys.argv[1]), int(sys.argv[2])
os.sched_setaffinity(0, list(os.sched_getaffinity(0))[:threads])

import torch  # noqa: E402
import executorch.kernels.quantized  # noqa: E402, F401  registers its operators
from executorch.runtime import Runtime  # noqa: E402

from timing import measure  # noqa: E402

program = Runtime.get().load_program(str(folder / "model.pte"))
constant = {name: program.load_method(name).execute([])[0] for name in ("get_max_seq_len", "get_vocab_size")}
forward = program.load_method("forward")


def logits(ids, position):
    return forward.execute([torch.tensor([ids]), torch.arange(position, position + len(ids))])[0]


def prefill(ids):
    chunk = constant["get_max_seq_len"]
    for start in range(0, len(ids), chunk):
        logits(ids[start:start + chunk], start)


def decode(token, count):
    token = logits([token], 0)[0, -1].argmax().item()
    start = time.perf_counter()
    for position in range(1, count + 1):
        token = logits([token], position)[0, -1].argmax().item()
    return time.perf_counter() - start


measure(constant["get_vocab_size"], prefill, decode)
