#!/usr/bin/env python3
"""Makes a Core ML folder as ANEMLL publishes them, by ANEMLL's own converter.

Usage: coreml_anemll.py CHECKOUT FOLDER OUT [--bits 6] [--head-bits 6] [--chunks 2] [--context 512]

CHECKOUT is a clone of github.com/Anemll/Anemll (tried: 6ecb10d, version 0.3.4), FOLDER a Hugging
Face folder of a Llama. The steps are those of its anemll/utils/convert_model.sh without the last,
which needs Apple's compiler: OUT has meta.yaml, tokenizer files and .mlpackage folders, where
published ones have .mlmodelc. Python packages: coreml-requirements.txt; CHECKOUT must be one that
you trust, as its code is run.
"""

import argparse
import json
import logging
import os
import runpy
import shutil
import sys
import tempfile
from pathlib import Path

import coremltools as ct
import coremltools.optimize.coreml as cto

import coreml_from_hf
import fixture

PREFIX = "tiny"


def run(module, *arguments):
    """Runs a module of the checkout as a program."""
    sys.argv = [module, *map(str, arguments)]
    try:
        runpy.run_module(module, run_name="__main__")
    except SystemExit as end:
        if end.code:
            sys.exit(f"{module} ended with {end.code}")


def one_worker():
    """Its converter starts eight processes for each matrix; the result is the same with none."""
    whole = cto.OpPalettizerConfig
    cto.OpPalettizerConfig = lambda **options: whole(**{**options, "num_kmeans_workers": 1})


def source_with_context(folder, context, scratch):
    """The model's folder with the keys of config.json that ANEMLL's code reads."""
    for file in folder.iterdir():
        if file.is_file() and file.suffix in (".json", ".safetensors"):
            shutil.copy(file, scratch / file.name)
    config = json.loads((scratch / "config.json").read_text(encoding="utf-8"))
    config |= {"context_length": context, "state_length": context}
    (scratch / "config.json").write_text(json.dumps(config), encoding="utf-8")


def convert(options, source, made):
    common = ["--model", source, "--output", made, "--prefix", PREFIX,
              "--context-length", options.context, "--batch-size", options.batch]
    body = ["--lut", options.bits] if options.bits else []
    head = ["--lut", options.head_bits] if options.head_bits else []
    converter = "anemll.ane_converter.llama_converter"
    run(converter, "--part", 1, *common)
    run(converter, "--part", 3, *head, *common)
    for part in ("2", "2_prefill"):
        run(converter, "--part", part, "--chunk", options.chunks, *body, *common)
    # It writes into the folder it stands in.
    os.chdir(made)
    run("anemll.utils.combine_models", "--chunk", options.chunks, *body, "--prefix", PREFIX,
        "--input", made, "--output", made)


def describe(options, name, made):
    """meta.yaml, which names compiled models: for its writer there must be some."""
    compiled = [made / f"{package.stem}.mlmodelc" for package in made.glob("*.mlpackage")]
    for folder in compiled:
        folder.mkdir()
    run("anemll.utils.generate_meta_yaml", name, options.context, options.batch, "none",
        options.bits or "none", options.head_bits or "none", options.chunks, PREFIX, "llama", made)
    for folder in compiled:
        folder.rmdir()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--bits", type=int, default=6, help="of the layers' palettes, 0: none")
    parser.add_argument("--head-bits", type=int, default=6)
    parser.add_argument("--chunks", type=int, default=2)
    parser.add_argument("--context", type=int, default=512)
    parser.add_argument("--batch", type=int, default=64)
    options = parser.parse_args()
    logging.getLogger("coremltools").setLevel(logging.ERROR)
    sys.path.insert(0, str(options.checkout.resolve()))
    one_worker()
    folder, out = options.folder.resolve(), options.out.resolve()
    fixture.copy_text_files(folder, out)
    with tempfile.TemporaryDirectory() as scratch:
        source, made = Path(scratch) / folder.name, Path(scratch) / "made"
        source.mkdir()
        made.mkdir()
        source_with_context(folder, options.context, source)
        convert(options, source, made)
        describe(options, folder.name, made)
        shutil.copy(made / "meta.yaml", out)
        # Those that were combined into _FFN_PF are left.
        for part in ("embeddings", "FFN_PF", "lm_head"):
            for package in sorted(made.glob(f"{PREFIX}_{part}*.mlpackage")):
                model = ct.models.MLModel(str(package), skip_model_load=True)
                coreml_from_hf.save(model, folder.name, out / package.name)


if __name__ == "__main__":
    main()
