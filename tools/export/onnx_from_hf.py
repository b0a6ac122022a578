#!/usr/bin/env python3
"""Exports a Hugging Face folder to ONNX with the official exporters.

Usage: onnx_from_hf.py FOLDER --form onnx-f32 [--form genai-int4 …] [--out FOLDER]

Each form becomes a folder of that name with the tokenizer:
  onnx-f32    model.onnx: decoder with past (optimum-onnx)
  onnx-int8   onnx/model_quantized.onnx as hubs lay it out: matrices and embedding in 8 bits, activations
              rounded as the model runs (onnxruntime)
  onnx-int4   onnx/model_q4.onnx as hubs lay it out: the same with MatMulNBits (onnxruntime)
  onnx-f16    onnx/model_fp16.onnx: weights, KV cache and logits in 16 bits (onnxruntime)
  onnx-q4f16  onnx/model_q4f16.onnx: MatMulNBits, and the rest in 16 bits (onnxruntime)
  onnx-bnb4   onnx/model_bnb4.onnx: MatMulBnb4 with the table NF4 (onnxruntime)
  onnx-pair   onnx/decoder_model.onnx and decoder_with_past_model.onnx (optimum before 2)
  onnx-merged onnx/decoder_model_merged.onnx: both in one file (optimum before 2)
  genai-f32   genai_config.json, model.onnx and its external data (onnxruntime-genai's builder)
  genai-int4  the same with MatMulNBits
A tiny model is asked the questions of tests/models/reference.json afterwards (fixture.py). Python
packages: genai-requirements.txt for genai-*, onnx_legacy-requirements.txt for pairs and merged ones,
onnx-requirements.txt for the others, each in an environment of its own: each exporter wants another
transformers.
"""

import argparse
import functools
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import fixture

FORMS = ("onnx-f32", "onnx-int8", "onnx-int4", "onnx-f16", "onnx-q4f16", "onnx-bnb4", "onnx-pair",
         "onnx-merged", "genai-f32", "genai-int4")
GROUP = 32  # weights that share a scale


def export_plain(folder, target):
    """Writes the f32 decoder with past and returns its file."""
    from optimum.exporters.onnx import main_export

    with tempfile.TemporaryDirectory() as scratch:
        main_export(str(folder), scratch, task="text-generation-with-past", dtype="fp32",
                    do_validation=False, local_files_only=True)
        for file in Path(scratch).glob("model.onnx*"):
            shutil.move(file, target / file.name)
    return target / "model.onnx"


def quantize_to_bytes(folder, target):
    """Writes the decoder with 8-bit weights and returns its file.

    Unsigned: with signed weights, processors without VNNI saturate and would answer otherwise."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    (target / "onnx").mkdir()
    file = target / "onnx" / "model_quantized.onnx"
    with tempfile.TemporaryDirectory() as scratch:
        quantize_dynamic(export_plain(folder, Path(scratch)), file, per_channel=True,
                         weight_type=QuantType.QUInt8)
    return file


def load_plain(folder):
    """The f32 decoder with past in memory."""
    import onnx

    with tempfile.TemporaryDirectory() as scratch:
        return onnx.load(export_plain(folder, Path(scratch)))


def save(model, file):
    """Writes the model, its weights in a file of their own where one file could not hold them."""
    import onnx

    file.parent.mkdir(exist_ok=True)
    weights = sum(len(tensor.raw_data) for tensor in model.graph.initializer)
    onnx.save(model, str(file), save_as_external_data=weights > 1 << 30,
              location=file.name + "_data")
    return file


def with_blocks(model):
    """The decoder with its matrices in blocks of 4-bit integers."""
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    quantizer = MatMulNBitsQuantizer(model, bits=4, block_size=GROUP, is_symmetric=True)
    quantizer.process()
    return quantizer.model.model


def with_halves(model):
    """The decoder with everything in 16 bits that is a float, inputs and outputs too."""
    from onnxruntime.transformers.float16 import convert_float_to_float16

    return convert_float_to_float16(model, keep_io_types=False)


def quantize_to_blocks(folder, target):
    """Writes the decoder with MatMulNBits and returns its file."""
    return save(with_blocks(load_plain(folder)), target / "onnx" / "model_q4.onnx")


def convert_to_halves(folder, target):
    """Writes the decoder in 16 bits and returns its file."""
    return save(with_halves(load_plain(folder)), target / "onnx" / "model_fp16.onnx")


def quantize_to_blocks_and_halves(folder, target):
    """Writes the decoder with MatMulNBits and 16 bits elsewhere and returns its file."""
    return save(with_halves(with_blocks(load_plain(folder))), target / "onnx" / "model_q4f16.onnx")


def quantize_to_tables(folder, target):
    """Writes the decoder with MatMulBnb4 and returns its file."""
    from onnxruntime.quantization.matmul_bnb4_quantizer import MatMulBnb4Quantizer

    quantizer = MatMulBnb4Quantizer(load_plain(folder), MatMulBnb4Quantizer.NF4, block_size=64)
    quantizer.process()
    return save(quantizer.model.model, target / "onnx" / "model_bnb4.onnx")


def export_legacy(folder, target, names):
    """Writes those of optimum's former three files and returns the last."""
    import torch
    from optimum.exporters.onnx import main_export

    # It was written for a torch that traced unless told otherwise.
    torch.onnx.export = functools.partial(torch.onnx.export, dynamo=False)
    (target / "onnx").mkdir()
    with tempfile.TemporaryDirectory() as scratch:
        main_export(str(folder), scratch, task="text-generation-with-past", legacy=True,
                    do_validation=False, local_files_only=True)
        for name in names:
            for file in Path(scratch).glob(name + "*"):
                shutil.move(file, target / "onnx" / file.name)
    return target / "onnx" / names[-1]


def export_pair(folder, target):
    """Writes the decoder as two graphs and returns the file of the second."""
    return export_legacy(folder, target, ["decoder_model.onnx", "decoder_with_past_model.onnx"])


def export_merged(folder, target):
    """Writes the decoder with both graphs in one file and returns it."""
    return export_legacy(folder, target, ["decoder_model_merged.onnx"])


PLAIN = {"onnx-f32": export_plain, "onnx-int8": quantize_to_bytes, "onnx-int4": quantize_to_blocks,
         "onnx-f16": convert_to_halves, "onnx-q4f16": quantize_to_blocks_and_halves,
         "onnx-bnb4": quantize_to_tables, "onnx-pair": export_pair, "onnx-merged": export_merged}


def export_genai(folder, target, precision):
    """Runs the model builder of onnxruntime-genai in its own process; returns the model file."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([sys.executable, "-m", "onnxruntime_genai.models.builder",
                        "-i", str(folder), "-o", str(target), "-p", precision, "-e", "cpu",
                        "-c", scratch, "--extra_options", f"int4_block_size={GROUP}",
                        "hf_token=false"], check=True)
    return target / "model.onnx"


def export(folder, form, out):
    """Makes one form anew and returns its model file."""
    target = out / form
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    if form.startswith("genai"):
        return export_genai(folder, target, "fp32" if form == "genai-f32" else "int4")
    fixture.copy_text_files(folder, target)
    return PLAIN[form](folder, target)


class Plain:
    """A decoder with past in onnxruntime; the first of a pair reads the prompt."""

    def __init__(self, file, head):
        import onnxruntime

        self.head = head
        self.session = onnxruntime.InferenceSession(str(file))
        prompts = file.with_name(file.name.replace("_with_past", ""))
        self.first = onnxruntime.InferenceSession(str(prompts)) if prompts.exists() else self.session

    def run(self, ids, past=None):
        """Logits of all `ids`, and the past with them."""
        feeds, held = {}, 0 if past is None else next(iter(past.values())).shape[2]
        session = self.first if past is None else self.session
        for node in session.get_inputs():
            if node.name.startswith("past_key_values."):
                width = np.float16 if node.type == "tensor(float16)" else np.float32
                empty = np.zeros((1, node.shape[1], 0, self.head), width)
                feeds[node.name] = empty if past is None else past[node.name]
            else:
                feeds[node.name] = {
                    "input_ids": np.array([ids], np.int64),
                    "attention_mask": np.ones((1, held + len(ids)), np.int64),
                    "position_ids": np.arange(held, held + len(ids), dtype=np.int64)[None],
                    "use_cache_branch": np.array([held > 0]),
                }[node.name]
        outputs = [output.name for output in session.get_outputs()]
        results = dict(zip(outputs, session.run(None, feeds)))
        past = {name.replace("present.", "past_key_values."): value
                for name, value in results.items() if name.startswith("present.")}
        return results["logits"][0], past

    def greedy(self, ids, count):
        """The next `count` ids."""
        new, past, step = [], None, ids
        while len(new) < count:
            logits, past = self.run(step, past)
            step = [int(logits[-1].argmax())]
            new += step
        return new


class Genai:
    """A model folder in onnxruntime-genai."""

    def __init__(self, folder):
        import onnxruntime_genai

        self.library, self.model = onnxruntime_genai, onnxruntime_genai.Model(str(folder))

    def greedy(self, ids, count):
        """The next `count` ids."""
        params = self.library.GeneratorParams(self.model)
        params.set_search_options(do_sample=False, max_length=1024)
        generator = self.library.Generator(self.model, params)
        generator.append_tokens(np.array([ids], np.int32))
        new = []
        while len(new) < count and not generator.is_done():
            generator.generate_next_token()
            new.append(int(generator.get_next_tokens()[0]))
        return new


def head_size(folder):
    """Width of an attention head."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]


def check(file, folder, form):
    """Asks a tiny model the committed questions, also token by token; exits on a difference."""
    plain = Plain(file, head_size(folder))
    fixture.check(folder, form, lambda ids: plain.run(ids)[0], f32=form.endswith("f32"))
    model = Genai(file.parent) if form.startswith("genai") else plain
    reference = json.loads(fixture.REFERENCE.read_text(encoding="utf-8"))["models"]
    for entry in reference.get(folder.name, {}).get("known", []):
        got = model.greedy(entry["prompt_ids"], len(entry["answer_ids"]))
        if got != entry["answer_ids"]:
            sys.exit(f"{form}: token by token {entry['prompt']!r} gives {got}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--form", action="append", dest="forms", required=True, choices=FORMS)
    parser.add_argument("--out", type=Path, help="default: the folder itself")
    options = parser.parse_args()
    folder, out = options.folder.resolve(), (options.out or options.folder).resolve()
    for form in options.forms:
        check(export(folder, form, out), folder, form)


if __name__ == "__main__":
    main()
