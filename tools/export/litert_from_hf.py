#!/usr/bin/env python3
"""Exports a Hugging Face folder to LiteRT: .tflite, and .litertlm bundles, with litert-torch.

Usage: litert_from_hf.py FOLDER --type f32 [--type int8 …] [--bundle int8 …] [--out FOLDER]
                         [--prefill 32,128] [--cache 1024] [--prefill-logits] [--embedder] [--check]

Writes OUT/litert-TYPE/{model.tflite, tokenizer and configuration files} for each --type and
OUT/litertlm-TYPE/NAME.litertlm for each --bundle. int8 keeps weights in 8 bits, one scale a row, and
computes in f32 ("dynamic"); int4-b32 has a scale for each 32 weights. --embedder: bundles, into OUT/litertlm-embedder-TYPE,
whose embeddings are looked up by a model beside the other. --check runs every result with the ai-edge-litert runtime against
tests/models/reference.json, where the folder's name is one of its models. Python packages:
litert-requirements.txt.
"""

import argparse
import importlib.machinery
import json
import shutil
import sys
import tempfile
import time
import types
from pathlib import Path

import numpy as np

RECIPES = {"f32": "none", "int8": "dynamic_wi8_afp32", "int4": "dynamic_wi4_afp32", "int4-b32": "dynamic_wi4b32_afp32"}
BESIDE = ("tokenizer.json", "tokenizer_config.json", "generation_config.json", "config.json",
          "chat_template.jinja")
REFERENCE = Path(__file__).resolve().parents[2] / "tests" / "models" / "reference.json"
MASKED = -1e9


def provide_schema():
    """litert-torch imports TensorFlow's copy of a schema that ai-edge-litert carries as well."""
    import ai_edge_litert.schema_py_generated as schema

    name = ""
    for part in ("tensorflow", "lite", "python"):
        parent, name = sys.modules.get(name), f"{name}.{part}".lstrip(".")
        module = sys.modules[name] = types.ModuleType(name)
        module.__path__ = []
        module.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)
        if parent:
            setattr(parent, part, module)
    sys.modules[name].schema_py_generated = sys.modules[f"{name}.schema_py_generated"] = schema


def export(folder, kind, work, options):
    """Runs the official exporter; the paths of the .tflite and the .litertlm it made."""
    from litert_torch.generative.export_hf import export as exporter

    exporter.export(str(folder), str(work), prefill_lengths=options.prefill,
                    cache_length=options.cache, quantization_recipe=RECIPES[kind],
                    prefill_logits=options.prefill_logits, externalize_embedder=options.embedder,
                    use_jinja_template=True, keep_temporary_files=True)
    model = work / ("model.tflite" if kind == "f32" else "model_quantized.tflite")
    return model, work / "model.litertlm"


class Runner:
    """The exported graph on the reference runtime. Names and shapes are those litert-torch writes."""

    def __init__(self, path):
        from ai_edge_litert.interpreter import Interpreter

        self.interpreter = Interpreter(model_path=str(path), num_threads=2)
        self.runners = {name: self.interpreter.get_signature_runner(name)
                        for name in self.interpreter.get_signature_list()}
        self.context = self.shape("decode", "mask")[3]
        self.prefills = sorted((self.shape(name, "tokens")[1], name)
                               for name in self.runners if name.startswith("prefill"))
        self.reset()

    def shape(self, signature, name):
        """The shape of an input."""
        return self.runners[signature].get_input_details()[name]["shape"]

    def reset(self):
        """Starts an empty sequence."""
        details = self.runners["decode"].get_input_details()
        self.cache = {name: np.zeros(detail["shape"], detail["dtype"])
                      for name, detail in details.items() if name.startswith("kv_cache_")}
        self.position = 0

    def run(self, signature, ids):
        """Appends ids, padded to what the signature takes; the logits where it has them."""
        size = self.shape(signature, "tokens")[1]
        positions = self.position + np.arange(size, dtype=np.int32)
        allowed = np.arange(self.context)[None, :] <= positions[:, None]
        out = self.runners[signature](
            tokens=np.array([list(ids) + [0] * (size - len(ids))], np.int32), input_pos=positions,
            mask=np.where(allowed, 0, MASKED).astype(np.float32)[None, None], **self.cache)
        self.cache = {name: out[name] for name in self.cache}
        self.position += len(ids)
        return out.get("logits")

    def prefill(self, ids):
        """Appends ids with the prefill signatures."""
        while ids:
            size, name = next((p for p in self.prefills if p[0] >= len(ids)), self.prefills[-1])
            self.run(name, ids[:size])
            ids = ids[size:]

    def greedy(self, ids, count):
        """`count` ids after `ids`."""
        self.reset()
        self.prefill(ids[:-1])
        new, last = [], ids[-1]
        while len(new) < count:
            last = int(self.run("decode", [last])[0, -1].argmax())
            new.append(last)
        return new

    def score(self, ids):
        """The log-probability of each id after the first."""
        self.reset()
        result = []
        for this, following in zip(ids, ids[1:]):
            row = self.run("decode", [this])[0, -1].astype(np.float64)
            result.append(row[following] - row.max() - np.log(np.exp(row - row.max()).sum()))
        return result


def check(path, name, kind):
    """Exits with 1 unless the model answers as tests/models/reference.json says."""
    reference = json.loads(REFERENCE.read_text(encoding="utf-8"))["models"].get(name)
    if reference is None:
        sys.exit(f"--check: tests/models/reference.json has no model {name}")
    runner, wrong = Runner(path), []
    for case in reference["known"]:
        if runner.greedy(case["prompt_ids"], len(case["answer_ids"])) != case["answer_ids"]:
            wrong.append(case["prompt"])
    same = [runner.greedy(case["prompt_ids"], len(case["ids"])) == case["ids"]
            for case in reference["free"]]
    far = max(abs(a - b) for case in reference["score"]
              for a, b in zip(runner.score(case["ids"]), case["logprobs"], strict=True))
    print(f"{name} {kind}: {len(reference['known']) - len(wrong)} of {len(reference['known'])} known "
          f"answers, {sum(same)} of {len(same)} free texts, log-probabilities within {far:.5f}")
    if wrong or (kind == "f32" and (not all(same) or far > 1e-3)):
        sys.exit(f"{path} does not answer as the reference: {wrong}")


def model_section(bundle):
    """The TFLite model inside a .litertlm."""
    from litert_lm_builder import litertlm_header_schema_py_generated as schema

    data = bundle.read_bytes()
    header = schema.LiteRTLMMetaData.GetRootAs(data[32:int.from_bytes(data[24:32], "little")], 0)
    sections = header.SectionMetadata()
    for i in range(sections.ObjectsLength()):
        section = sections.Objects(i)
        if section.DataType() == schema.AnySectionDataType.TFLiteModel:
            return data[section.BeginOffset():section.EndOffset()]
    sys.exit(f"{bundle} has no TFLite model")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--type", action="append", dest="kinds", choices=RECIPES, default=[])
    parser.add_argument("--bundle", action="append", choices=RECIPES, default=[])
    parser.add_argument("--out", type=Path, help="default: the folder itself")
    parser.add_argument("--prefill", default="32,128", help="prompt lengths, one signature each",
                        type=lambda text: [int(part) for part in text.split(",")])
    parser.add_argument("--cache", type=int, default=1024, help="tokens of context")
    parser.add_argument("--prefill-logits", action="store_true", help="logits from prefill as well")
    parser.add_argument("--embedder", action="store_true", help="embeddings from a model of their own")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.embedder and (options.kinds or options.check):
        parser.error("--embedder makes bundles alone, which --check cannot run")
    folder, out = options.folder.resolve(), (options.out or options.folder).resolve()
    out.mkdir(parents=True, exist_ok=True)
    provide_schema()
    for kind in dict.fromkeys(options.kinds + options.bundle):
        start = time.monotonic()
        with tempfile.TemporaryDirectory(dir=out) as work:
            model, bundle = export(folder, kind, Path(work), options)
            if options.check:
                check(model, folder.name, kind)
            if kind in options.kinds:
                target = out / f"litert-{kind}"
                target.mkdir(exist_ok=True)
                shutil.copyfile(model, target / "model.tflite")
                for name in BESIDE:
                    if (folder / name).exists():
                        shutil.copyfile(folder / name, target / name)
            if kind in options.bundle:
                if not options.embedder and model_section(bundle) != model.read_bytes():
                    sys.exit(f"{bundle} holds another model than the exporter made")
                target = out / f"litertlm-{'embedder-' if options.embedder else ''}{kind}"
                target.mkdir(exist_ok=True)
                shutil.copyfile(bundle, target / f"{folder.name}.litertlm")
        print(f"{kind}: {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
