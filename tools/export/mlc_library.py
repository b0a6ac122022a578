"""Compiles an MLC model library: a shared object with MLC's functions and metadata.

TVM's compiler makes the program for its virtual machine; the kernels it calls are C++
(mlc_kernels/), which the compiler that links the library compiles for the same processor."""

import json
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

import tvm
import tvm_ffi
from tvm import relax

from mlc_model import LanguageModel
from mlc_shape import BATCH

KERNELS = Path(__file__).resolve().with_name("mlc_kernels")
LEVELS = {  # sets of instructions by the names of the System V ABI, and a C++ compiler's flags
    "x86-64": ["-march=x86-64"], "x86-64-v2": ["-march=x86-64-v2"],
    "x86-64-v3": ["-march=x86-64-v3"], "x86-64-v4": ["-march=x86-64-v4"],
    "x86-64-v4-vnni": ["-march=x86-64-v4", "-mavx512vnni"], "aarch64": []}


class CompileError(Exception):
    """What is missing on this machine, or what its compiler said."""


def cxx_compiler():
    """GCC, whose vector types the kernels are written with."""
    for name in ("g++", "c++"):
        if found := shutil.which(name):
            return found
    raise CompileError("there is no g++: install it (on Debian: apt-get install g++)")


def compile_kernels(level, folder):
    """Object files of the kernels."""
    flags = ["-std=c++20", "-O3", "-ffp-contract=fast", "-fno-math-errno", "-fPIC",
             "-fvisibility=hidden", *LEVELS[level], "-I", tvm_ffi.libinfo.find_include_path(),
             "-I", tvm_ffi.libinfo.find_dlpack_include_path()]
    objects, running = [], []
    for source in sorted(KERNELS.glob("*.cc")):
        objects.append(str(Path(folder, source.stem + ".o")))
        command = [cxx_compiler(), *flags, "-c", str(source), "-o", objects[-1]]
        running.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))
    for process in running:
        told = process.communicate()[1].strip()
        if process.returncode:
            why = told.splitlines()[0] if told else f"it ended with {process.returncode}"
            raise CompileError(f"the C++ compiler failed: {why}")
    return objects


def metadata(shape, quantization, level, parameters):
    """What `_metadata` returns."""
    return {
        "model_type": shape.model_type, "quantization": quantization, "processor": level,
        "context_window_size": shape.context, "sliding_window_size": -1,
        "attention_sink_size": -1, "prefill_chunk_size": shape.chunk, "max_batch_size": BATCH,
        "tensor_parallel_shards": 1, "pipeline_parallel_stages": 1, "disaggregation": False,
        "kv_state_kind": "kv_cache", "active_vocab_size": shape.vocabulary, "model_task": "chat",
        "kv_cache": {"num_hidden_layers": shape.layers, "num_attention_heads": shape.heads,
                     "num_key_value_heads": shape.kv_heads, "head_dim": shape.head_dim},
        "params": [{"name": name, "shape": list(map(int, value.shape)), "dtype": str(value.dtype),
                    "preprocs": [], "pipeline_stages": [0]} for name, value in parameters],
        "memory_usage": {},
    }


def constant_function(text):
    """A function without arguments that returns a text."""
    builder = relax.BlockBuilder()
    with builder.function("_metadata", params=[]):
        builder.emit_func_output(tvm.ir.StringImm(text))
    return builder.finalize()["_metadata"]


def bound(module, chunk):
    """Tells the memory planner the largest sizes."""
    for name, function in module.functions_items():
        if isinstance(function, relax.Function) and name.name_hint != "create_tir_paged_kv_cache":
            module[name] = function.with_attrs({
                "tir_var_upper_bound": {"seq_len": chunk, "batch_size": BATCH},
                "relax.memory_plan_dynamic_func_output": 1})


def pipeline(target, text):
    """TVM's passes from the network to code."""
    @tvm.transform.module_pass(opt_level=0, name="AttachMetadata")
    def attach(module, _):
        module["_metadata"] = constant_function(text)
        return module
    step = relax.transform
    return tvm.transform.Sequential([
        tvm.tirx.transform.BindTarget(target),
        step.LegalizeOps(), step.AnnotateTIROpPattern(), step.FoldConstant(), step.FuseOps(),
        step.FuseTIR(), step.DeadCodeElimination(), step.RewriteDataflowReshape(),
        step.ToNonDataflow(), step.RemovePurityChecking(), step.CallTIRRewrite(),
        step.StaticPlanBlockMemory(), attach, step.LowerAllocTensor(), step.KillAfterLastUse(),
        step.LowerRuntimeBuiltin(), step.ComputePrimValue(), step.VMShapeLower(),
        step.AttachGlobalSymbol()])


def network(shape, quantization):
    """TVM's module of a model, and its parameters by name in the order of arguments."""
    model = LanguageModel(shape, quantization)
    module, parameters, _ = model.export_tvm(spec=model.specification(), allow_extern=True)
    return module, parameters


def compile_library(shape, quantization, level, path):
    """Writes the library; returns name, shape and dtype of each parameter in argument order.

    `level`: one of LEVELS."""
    target = tvm.target.Target({"kind": "llvm", "mtriple": f"{platform.machine()}-linux-gnu"})
    module, parameters = network(shape, quantization)
    bound(module, shape.chunk)
    described = metadata(shape, quantization, level, parameters)
    with target, tvm.transform.PassContext(opt_level=3):
        executable = tvm.compile(module, target,
                                 relax_pipeline=pipeline(target, json.dumps(described)))
    with tempfile.TemporaryDirectory() as folder:
        objects = compile_kernels(level, folder)
        executable.export_library(str(path), cc=cxx_compiler(), options=["-s", *objects])
    return described["params"]
