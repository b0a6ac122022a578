#!/usr/bin/env python3
"""Exports a Hugging Face folder to Core ML packages with coremltools.

Usage: coreml_from_hf.py FOLDER --style stateful --precision f16 [--precision int8 …] [--out FOLDER]

Llama and Qwen3 architectures. Each OUT/coreml-STYLE-PRECISION holds model.mlpackage, tokenizer and
configuration. Names are those of swift-transformers: inputs `inputIds` and `causalMask`, output
`logits`, states `keyCache` and `valueCache`.
  stateless  512 tokens, padded on the right; needs iOS 17 or macOS 14
  stateful   1 to CONTEXT new tokens a call; needs iOS 18 or macOS 15
  f16        all arithmetic and weights in half precision
  int8       matrices linear, one scale per output channel
  int4       matrices as 16 k-means values, in stateful packages for each 16 output channels

No Core ML runtime exists on Linux, so no package is run here. What is checked, every time: the
decoder gives transformers' logits in f32; the saved package loads in coremltools and has the
expected inputs, output and states; its weights decode to the decoder's, f16 exactly, int8 and int4
within a bound; and the traced decoder with the decoded weights, in half precision on the CPU, gives
all known answers of tests/models/reference.json when the folder is one of the tiny models.
The same weights give the same bytes. Python packages: coreml-requirements.txt.
"""

import argparse
import json
import logging
import shutil
import uuid
from pathlib import Path

import coremltools as ct
import coremltools.optimize.coreml as cto
import numpy as np
import torch

import coreml_check
import coreml_decoder
import fixture

STATELESS_CONTEXT, STATEFUL_CONTEXT = 512, 2048
DATE = "com.github.apple.coremltools.conversion_date"
NAME = "co.huggingface.exporters.name"


def trace(decoder, style):
    """The decoder as TorchScript."""
    if style == "stateful":
        inputs = torch.zeros((1, 2), dtype=torch.int32), torch.zeros((1, 1, 2, 5))
        return torch.jit.trace(coreml_decoder.Stateful(decoder).eval(), inputs)
    inputs = torch.zeros((1, decoder.context), dtype=torch.int32)
    return torch.jit.trace(coreml_decoder.Stateless(decoder).eval(), inputs)


def convert(traced, style, context):
    """The ML program in half precision."""
    new, mask, states, target = context, [], [], ct.target.iOS17
    if style == "stateful":
        new, end = (ct.RangeDim(1, context, default=1) for _ in range(2))
        mask = [ct.TensorType("causalMask", (1, 1, new, end), np.float16)]
        states = [ct.StateType(ct.TensorType(shape=tuple(buffer.shape), dtype=np.float16), name)
                  for name, buffer in traced.named_buffers() if name.endswith("Cache")]
        target = ct.target.iOS18
    return ct.convert(traced, inputs=[ct.TensorType("inputIds", (1, new), np.int32), *mask],
                      outputs=[ct.TensorType("logits", dtype=np.float16)], states=states,
                      minimum_deployment_target=target, skip_model_load=True)


def compress(model, style, precision, matrices):
    """A smaller copy. Only `matrices` change: coremltools alone would take rotary tables too."""
    if precision == "f16":
        return model
    if precision == "int8":
        run = cto.linear_quantize_weights
        how = cto.OpLinearQuantizerConfig("linear_symmetric", granularity="per_channel")
    else:
        run = cto.palettize_weights
        groups = {"granularity": "per_grouped_channel", "group_size": 16}
        how = cto.OpPalettizerConfig("kmeans", nbits=4, **(groups if style == "stateful" else {}))
    return run(model, cto.OptimizationConfig(op_name_configs={name: how for name in matrices}))


def save(model, name, package):
    """Saves and removes what differs from run to run: identifiers, date, order of maps."""
    model.user_defined_metadata[NAME] = name
    shutil.rmtree(package, ignore_errors=True)
    model.save(str(package))
    spec = ct.utils.load_spec(str(package))
    spec.description.metadata.userDefined.pop(DATE, None)
    file = package / "Data/com.apple.CoreML/model.mlmodel"
    file.write_bytes(spec.SerializeToString(deterministic=True))
    file.chmod(0o644)
    text = (package / "Manifest.json").read_text(encoding="utf-8")
    for identifier, item in json.loads(text)["itemInfoEntries"].items():
        text = text.replace(identifier, str(uuid.uuid5(uuid.NAMESPACE_URL, item["path"])))
    text = json.dumps(json.loads(text), indent=4, sort_keys=True) + "\n"
    (package / "Manifest.json").write_text(text, encoding="utf-8")


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--style", required=True, choices=("stateless", "stateful"))
    parser.add_argument("--precision", action="append", dest="precisions", required=True,
                        choices=("f16", "int8", "int4"))
    parser.add_argument("--out", type=Path, help="default: the folder itself")
    options = parser.parse_args()
    logging.getLogger("coremltools").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    folder, style = options.folder.resolve(), options.style
    config = coreml_decoder.read_config(folder)
    context = STATELESS_CONTEXT if style == "stateless" else STATEFUL_CONTEXT
    decoder = coreml_decoder.load(folder, config, min(context, config["max_position_embeddings"]))
    coreml_check.check_decoder(folder, decoder)
    weights = coreml_check.Weights(decoder)
    traced = trace(decoder, style)
    model = convert(traced, style, decoder.context)
    traced.half()
    for precision in options.precisions:
        target = (options.out or folder) / f"coreml-{style}-{precision}"
        fixture.copy_text_files(folder, target)
        package = target / "model.mlpackage"
        save(compress(model, style, precision, weights.matrices()), folder.name, package)
        coreml_check.check_interface(package, style, decoder)
        weights.check_and_load(package, precision, traced)
        fixture.check(folder, target.name, coreml_check.runner(traced, style, decoder.context))


if __name__ == "__main__":
    main()
