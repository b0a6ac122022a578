#!/usr/bin/env python3
"""Exports a Hugging Face folder to an ExecuTorch program for XNNPACK with a static KV cache.

Usage: executorch_from_hf.py FOLDER OUT [--precision f32|8da4w] [--group-size N] [--context N]
                             [--prefill N] [--inputs cache_position|start_pos]
                             [--logits all|last] [--check NAME]

OUT becomes a folder with model.pte and the model's tokenizer files. The graph is the one of
transformers' ExecuTorch integration: forward(input_ids [1, n], cache_position [n]) gives logits
[1, n, vocabulary]. `--inputs start_pos` makes the form of ExecuTorch's own language-model runner,
forward(tokens [1, n], start_pos [1]); `--logits last` computes the last row alone. Memory is set
aside for the greatest n, which is `--prefill`. 8da4w: linear layers with 4-bit weights in groups
and 8-bit activations, embeddings with 8-bit weights.

`--check` runs the result in ExecuTorch's Python runtime against the model NAME of
tests/models/reference.json. Python packages: tools/tiny/requirements.txt first, as
tools/tiny/README.md says, then `pip install --no-deps -r executorch-requirements.txt`.
"""

import argparse
import json
import resource
import shutil
import sys
import time
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM
from transformers.integrations.executorch import TorchExportableModuleWithStaticCache

BESIDE = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json",
          "chat_template.jinja")
REFERENCE = Path(__file__).resolve().parents[2] / "tests" / "models" / "reference.json"
LOGPROB_TOLERANCE = 1e-3
CHUNK = 100  # tokens of a prompt that the check gives at once


class Decoder(torch.nn.Module):
    """transformers' exportable module, with the chosen rows of logits."""

    def __init__(self, model, context, last_row):
        super().__init__()
        self.inner = TorchExportableModuleWithStaticCache(model, 1, context, torch.device("cpu"))
        self.last_row = last_row

    def forward(self, input_ids, position):
        # Export must meet a cache tensor once: as a buffer, not also as the cache's attribute.
        for i, layer in enumerate(self.inner.static_cache.layers):
            layer.keys = getattr(self.inner, f"key_cache_{i}")
            layer.values = getattr(self.inner, f"value_cache_{i}")
            layer.cumulative_length = getattr(self.inner, f"cumulative_length_{i}")
        logits = self.inner(input_ids=input_ids, cache_position=position)
        return logits[:, -1:] if self.last_row else logits


def load(folder, context):
    """The model in f32, ready for a static cache."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32,
                                                 attn_implementation="eager").eval()
    text = model.config.get_text_config()
    window = getattr(text, "sliding_window", None)
    if window and "sliding_attention" in (getattr(text, "layer_types", None) or ()):
        if context > window:
            sys.exit(f"--context {context}: transformers exports this model for at most its "
                     f"sliding window of {window} tokens")
    if context > text.max_position_embeddings:
        sys.exit(f"--context {context}: the model knows {text.max_position_embeddings} positions")
    model.generation_config.use_cache = True
    model.generation_config.cache_implementation = "static"
    return model.requires_grad_(False)


def quantize(model, group_size):
    """8da4w in place."""
    from torchao.quantization import (Int8DynamicActivationIntxWeightConfig, IntxWeightOnlyConfig,
                                      quantize_)
    from torchao.quantization.granularity import PerAxis, PerGroup

    head, embedding = model.get_output_embeddings(), model.get_input_embeddings()
    if head.weight is embedding.weight:
        head.weight = torch.nn.Parameter(embedding.weight.clone(), requires_grad=False)
    embedding.padding_idx = None  # means nothing here, and hides the embedding from ExecuTorch
    quantize_(model, Int8DynamicActivationIntxWeightConfig(
        weight_dtype=torch.int4, weight_granularity=PerGroup(group_size)),
        filter_fn=lambda module, _: isinstance(module, torch.nn.Linear))
    quantize_(model, IntxWeightOnlyConfig(weight_dtype=torch.int8, granularity=PerAxis(0)),
              filter_fn=lambda module, _: isinstance(module, torch.nn.Embedding))


def trace(decoder, prefill, start_pos):
    """The exported graph, which takes 1 to `prefill` tokens."""
    length = torch.export.Dim("length", min=1, max=prefill)
    ids = torch.tensor([[1, 2, 3]])
    position = torch.zeros(1, dtype=torch.long) if start_pos else torch.arange(3)
    shapes = ({1: length}, None if start_pos else {0: length})
    with torch.no_grad():
        return torch.export.export(decoder, (ids, position), dynamic_shapes=shapes, strict=False)


def in_order(graph_module):
    """torch.fx's legalize_graph without the copy when the nodes are in order already.

    ExecuTorch calls it once per delegate, which is most of the time of a large export."""
    seen = set()
    for node in graph_module.graph.nodes:
        if not seen.issuperset(node.all_input_nodes):
            return torch.fx.passes.tools_common.legalize_graph(graph_module)
        seen.add(node)
    return graph_module


def metadata(model, context, prefill):
    """The constant methods that runners read; a "sequence" is what one call takes."""
    text = model.config.get_text_config()
    end = model.generation_config.eos_token_id
    end = text.eos_token_id if end is None else end
    methods = {
        "get_max_seq_len": prefill, "get_max_context_len": context,
        "get_vocab_size": text.vocab_size, "get_n_layers": text.num_hidden_layers,
        "use_kv_cache": True, "enable_dynamic_shape": True,
        "get_eos_ids": [] if end is None else end if isinstance(end, list) else [end],
    }
    if text.bos_token_id is not None:
        methods["get_bos_id"] = text.bos_token_id
    return methods


def lower(graph, methods, quantized):
    """The ExecuTorch program with everything XNNPACK can take delegated to it."""
    import executorch.exir.lowered_backend_module
    from executorch.backends.xnnpack.partition.xnnpack_partitioner import (
        XnnpackDynamicallyQuantizedPartitioner, XnnpackPartitioner)
    from executorch.exir import (EdgeCompileConfig, ExecutorchBackendConfig,
                                 to_edge_transform_and_lower)

    executorch.exir.lowered_backend_module.legalize_graph = in_order
    partitioners = [XnnpackDynamicallyQuantizedPartitioner()] if quantized else []
    edge = to_edge_transform_and_lower(
        graph, partitioner=partitioners + [XnnpackPartitioner()], constant_methods=methods,
        compile_config=EdgeCompileConfig(_check_ir_validity=False, _skip_dim_order=True))
    return edge.to_executorch(ExecutorchBackendConfig(
        do_quant_fusion_and_const_prop=quantized, run_reinplace_pass=True))


class Runner:
    """A program in ExecuTorch's Python runtime."""

    def __init__(self, path, start_pos):
        import executorch.kernels.quantized  # noqa: F401  registers its operators
        from executorch.runtime import Runtime

        self.program = Runtime.get().load_program(str(path))
        self.forward, self.start_pos = self.program.load_method("forward"), start_pos

    def logits(self, ids, position):
        """The rows of logits after `ids`, which are put at `position`."""
        where = [position] if self.start_pos else list(range(position, position + len(ids)))
        logits = self.forward.execute([torch.tensor([ids]), torch.tensor(where)])[0]
        return logits.reshape(-1, logits.shape[-1])

    def greedy(self, ids, count):
        """The `count` most likely ids after a prompt."""
        for start in range(0, len(ids), CHUNK):
            row = self.logits(ids[start:start + CHUNK], start)[-1]
        new = [row.argmax().item()]
        while len(new) < count:
            row = self.logits(new[-1:], len(ids) + len(new) - 1)[-1]
            new.append(row.argmax().item())
        return new

    def logprobs(self, ids):
        """The log-probability of each id after the first, asked one by one."""
        rows = [self.logits([token], i)[-1].log_softmax(-1) for i, token in enumerate(ids[:-1])]
        return [row[token].item() for row, token in zip(rows, ids[1:])]


def check(runner, name, exact):
    """Exits on a wrong known answer; with `exact` also on other free text or probabilities."""
    want = json.loads(REFERENCE.read_text(encoding="utf-8"))["models"][name]
    for kind, answer in (("known", "answer_ids"), ("free", "ids")):
        wrong = [case["prompt"] for case in want[kind]
                 if runner.greedy(case["prompt_ids"], len(case[answer])) != case[answer]]
        print(f"{kind}: {len(want[kind]) - len(wrong)} of {len(want[kind])} exact")
        if wrong and (exact or kind == "known"):
            sys.exit("\n".join([f"wrong {kind} answers to:", *map(repr, wrong)]))
    gap = max(abs(got - value) for case in want["score"]
              for got, value in zip(runner.logprobs(case["ids"]), case["logprobs"]))
    print(f"score: log-probabilities within {gap:.6f}")
    if exact and gap > LOGPROB_TOLERANCE:
        sys.exit(f"the log-probabilities differ by {gap}, more than {LOGPROB_TOLERANCE}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--precision", choices=("f32", "8da4w"), default="f32")
    parser.add_argument("--context", type=int, default=1024, help="tokens the KV cache holds")
    parser.add_argument("--prefill", type=int, default=128, help="tokens taken at once")
    parser.add_argument("--group-size", type=int, default=32, help="weights per 4-bit scale")
    parser.add_argument("--inputs", choices=("cache_position", "start_pos"),
                        default="cache_position")
    parser.add_argument("--logits", choices=("all", "last"), default="last")
    parser.add_argument("--check", metavar="NAME")
    options = parser.parse_args()
    if options.check and options.prefill < CHUNK:
        sys.exit(f"--check needs --prefill {CHUNK} at least")
    started, quantized = time.time(), options.precision != "f32"
    start_pos = options.inputs == "start_pos"

    model = load(options.folder, options.context)
    if quantized:
        quantize(model, options.group_size)
    decoder = Decoder(model, options.context, options.logits == "last").eval()
    prefill = min(options.prefill, options.context)
    graph = trace(decoder, prefill, start_pos)
    program = lower(graph, metadata(model, options.context, prefill), quantized)
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "model.pte"
    with path.open("wb") as file:
        program.write_to_file(file)
    for name in BESIDE:
        if (options.folder / name).exists():
            shutil.copyfile(options.folder / name, options.out / name)
    print(f"{path}: {path.stat().st_size} bytes, {time.time() - started:.0f} s, "
          f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB of memory")
    if options.check:
        check(Runner(path, start_pos), options.check, not quantized)


if __name__ == "__main__":
    main()
