"""onnxruntime-genai on a folder of its own. usage: genai.py FOLDER THREADS"""
import json
import sys
import time
from pathlib import Path

import numpy
import onnxruntime_genai as genai

from timing import measure

folder, threads = sys.argv[1:]
folder = Path(folder)
config = genai.Config(str(folder))
config.overlay(json.dumps({"model": {"decoder": {"session_options": {"intra_op_num_threads": int(threads)}}}}))
model = genai.Model(config)


def generator():
    parameters = genai.GeneratorParams(model)
    parameters.set_search_options(do_sample=False, max_length=1024, min_length=1024)
    return genai.Generator(model, parameters)


def prefill(ids, _):
    generator().append_tokens(numpy.array([ids], dtype=numpy.int32))


def decode(token, count, _):
    run = generator()
    run.append_tokens(numpy.array([[token]], dtype=numpy.int32))
    run.generate_next_token()
    start = time.perf_counter()
    for _ in range(count):
        run.generate_next_token()
    return time.perf_counter() - start


measure(json.loads((folder / "genai_config.json").read_text())["model"]["vocab_size"], prefill, decode)
