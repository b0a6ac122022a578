"""mlx-lm on a folder of its own, on the processor, in the type of numbers that it is fastest with. usage: mlx_lm_model.py FOLDER THREADS

MLX's operators for processors run on one thread, whatever THREADS says. Weights that are not packed become f32, in which it
is several times as fast as in bf16 there; PEER_DTYPE=bfloat16 leaves it its own. One run is counted, as it takes minutes.
"""
import os
import sys
import time

import mlx.core as mx
from mlx_lm.models.cache import make_prompt_cache
from mlx_lm.utils import load_model
from pathlib import Path

import timing

mx.set_default_device(mx.cpu)
model, config = load_model(Path(sys.argv[1]))
model.set_dtype(getattr(mx, os.environ.get("PEER_DTYPE", "float32")))


def prefill(ids, _):
    cache = make_prompt_cache(model)
    mx.eval(model(mx.array([ids]), cache=cache)[:, -1])


def decode(token, count, _):
    cache = make_prompt_cache(model)
    row = model(mx.array([[token]]), cache=cache)[:, -1]
    mx.eval(row)
    start = time.perf_counter()
    for _ in range(count):
        row = model(mx.argmax(row, axis=-1)[None], cache=cache)[:, -1]
        mx.eval(row)
    return time.perf_counter() - start


timing.RUNS = 1
timing.measure(config["vocab_size"], prefill, decode)
