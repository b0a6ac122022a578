"""Compiles an MLC model library: a shared object for x86-64 with MLC's functions and metadata."""

import json
from dataclasses import dataclass

import tvm
from tvm import relax

from mlc_linear import MATRICES, schedule_pass
from mlc_model import QKV, LanguageModel

PREFILL_CHUNK = 512  # tokens that one prefill call takes at most


@dataclass
class Shape:
    """Sizes of a model, from config.json."""

    model_type: str
    vocabulary: int
    hidden: int
    feed_forward: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    context: int
    epsilon: float
    rope_theta: int
    tied: bool

    @staticmethod
    def of(config):
        """Reads a config; ValueError names what this exporter does not take."""
        rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
        refused = {
            "model_type": config.get("model_type") not in QKV,
            "hidden_act": config.get("hidden_act") != "silu",
            "attention_bias": config.get("attention_bias"),
            "mlp_bias": config.get("mlp_bias"),
            "sliding_window": config.get("use_sliding_window"),
            "rope_scaling": rope.get("rope_type", "default") != "default",
        }
        if wrong := [name for name, bad in refused.items() if bad]:
            raise ValueError(f"config.json: {wrong[0]} = {config.get(wrong[0])} is not supported; "
                             f"taken are {' and '.join(QKV)} without biases and scaled rope")
        heads = config["num_attention_heads"]
        theta = rope.get("rope_theta") or config["rope_theta"]
        if theta != int(theta):
            raise ValueError(f"config.json: rope_theta = {theta} is not a whole number")
        return Shape(
            config["model_type"], config["vocab_size"], config["hidden_size"],
            config["intermediate_size"], config["num_hidden_layers"], heads,
            config.get("num_key_value_heads") or heads,
            config.get("head_dim") or config["hidden_size"] // heads,
            config["max_position_embeddings"], config["rms_norm_eps"], int(theta),
            config.get("tie_word_embeddings", False))

    @property
    def chunk(self):
        """Tokens that one prefill call takes at most."""
        return min(PREFILL_CHUNK, self.context)


def metadata(shape, quantization, parameters):
    """What `_metadata` returns."""
    return {
        "model_type": shape.model_type, "quantization": quantization,
        "context_window_size": shape.context, "sliding_window_size": -1,
        "attention_sink_size": -1, "prefill_chunk_size": shape.chunk, "max_batch_size": 1,
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
                "tir_var_upper_bound": {"seq_len": chunk, "batch_size": 1},
                "relax.memory_plan_dynamic_func_output": 1})


def pipeline(target, quantization, text):
    """TVM's passes from the network to code."""
    @tvm.transform.module_pass(opt_level=0, name="AttachMetadata")
    def attach(module, _):
        module["_metadata"] = constant_function(text)
        return module
    step = relax.transform
    return tvm.transform.Sequential([
        tvm.tirx.transform.BindTarget(target),
        step.LegalizeOps(), step.AnnotateTIROpPattern(), step.FoldConstant(), step.FuseOps(),
        step.FuseTIR(), step.DeadCodeElimination(), schedule_pass(quantization),
        step.RewriteDataflowReshape(), step.ToNonDataflow(), step.RemovePurityChecking(),
        step.CallTIRRewrite(), step.StaticPlanBlockMemory(), attach, step.LowerAllocTensor(),
        step.KillAfterLastUse(), step.LowerRuntimeBuiltin(), step.ComputePrimValue(),
        step.VMShapeLower(), step.AttachGlobalSymbol()])


def compile_library(shape, quantization, cpu, path):
    """Writes the library; returns name, shape and dtype of each parameter in argument order."""
    # Sums may be reordered, or attention would not be vectorized.
    target = tvm.target.Target({"kind": "llvm", "mtriple": "x86_64-linux-gnu", "mcpu": cpu,
                                "fast-math-reassoc": True, "fast-math-contract": True})
    model = LanguageModel(shape, MATRICES[quantization], target)
    module, parameters, _ = model.export_tvm(spec=model.specification(), allow_extern=True)
    bound(module, shape.chunk)
    described = metadata(shape, quantization, parameters)
    # Common subexpressions of TIR would take the unrolled partial sums apart.
    with target, tvm.transform.PassContext(opt_level=3, config={"tirx.disable_cse_tir": True}):
        executable = tvm.compile(
            module, target, relax_pipeline=pipeline(target, quantization, json.dumps(described)))
    executable.export_library(str(path), options=["-s"])
    return described["params"]
