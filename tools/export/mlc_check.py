"""Runs an MLC folder in TVM's own virtual machine and compares it with reference.json."""

import ctypes
import json
import os

os.environ["TVM_NUM_THREADS"] = "1"  # read when TVM starts

# pylint: disable=wrong-import-position
import numpy as np
import tvm
from tvm import relax

TOLERANCE = 1e-3  # of a log-probability in f32


class Runner:
    """One sequence of tokens on a model library."""

    def __init__(self, folder, library):
        # TVM fills this in by its name; where it can't, all loops run on one thread.
        ctypes.c_void_p.in_dll(ctypes.CDLL(str(library)), "__TVMBackendParallelLaunch")
        self.machine = relax.VirtualMachine(tvm.runtime.load_module(str(library)), tvm.cpu())
        described = json.loads(self.machine["_metadata"]())
        self.chunk = described["prefill_chunk_size"]
        call = self.builtin
        call("tensor_cache.load")(str(folder), tvm.cpu().dlpack_device_type(), 0)
        names = [parameter["name"] for parameter in described["params"]]
        self.weights = call("param_array_from_cache_by_name")(names)
        call("tensor_cache.clear")()
        sizes = (1, described["context_window_size"], self.chunk, 16, 0)
        self.cache = self.machine["create_tir_paged_kv_cache"](
            *(tvm.runtime.ShapeTuple([size]) for size in sizes))

    @staticmethod
    def builtin(name):
        """A function of the runtime."""
        return tvm.get_global_func("vm.builtin." + name)

    def restart(self):
        """Empties the sequence."""
        self.builtin("kv_state_clear")(self.cache)
        self.builtin("kv_state_add_sequence")(self.cache, 0)

    def append(self, ids, function):
        """Logits [rows, vocabulary] from one of the library's functions."""
        shape = tvm.runtime.ShapeTuple
        tokens = tvm.runtime.tensor(np.array(ids, "int32"))
        embedded = self.machine["embed"](tokens, self.weights)
        embedded = self.builtin("reshape")(embedded, shape([1, *embedded.shape]))
        self.builtin("kv_state_begin_forward")(self.cache, shape([0]), shape([len(ids)]))
        logits = self.machine[function](embedded, self.cache, self.weights)[0].numpy()[0]
        self.builtin("kv_state_end_forward")(self.cache)
        if not np.isfinite(logits).all():
            raise ValueError("logits are not finite")
        return logits

    def greedy(self, prompt, count):
        """The best next ids, `count` of them."""
        self.restart()
        for start in range(0, len(prompt), self.chunk):
            logits = self.append(prompt[start:start + self.chunk], "prefill")
        ids = [int(logits[-1].argmax())]
        while len(ids) < count:
            ids.append(int(self.append(ids[-1:], "decode")[-1].argmax()))
        return ids

    def logprobs(self, ids):
        """Log-probability of each token after the first; at most one chunk of ids."""
        self.restart()
        logits = self.append(ids, "batch_verify").astype("float64")
        logits -= logits.max(-1, keepdims=True)
        table = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        return table[np.arange(len(ids) - 1), ids[1:]]


def check(folder, library, reference, exact):
    """Compares with a model's entry of reference.json; ValueError on the first difference.

    Known answers always; free text and log-probabilities where `exact`."""
    runner = Runner(folder, library)
    cases = [(case["prompt_ids"], case["answer_ids"]) for case in reference["known"]]
    if exact:
        cases += [(case["prompt_ids"], case["ids"]) for case in reference["free"]]
    for prompt, wanted in cases:
        if (ids := runner.greedy(prompt, len(wanted))) != wanted:
            raise ValueError(f"{folder}: after {prompt} came {ids} instead of {wanted}")
    worst = max(np.abs(runner.logprobs(case["ids"]) - case["logprobs"]).max()
                for case in reference["score"])
    if exact and worst > TOLERANCE:
        raise ValueError(f"{folder}: a log-probability differs by {worst}")
    return f"{len(cases)} answers as in the reference, log-probabilities off by {worst:.2g} at most"
