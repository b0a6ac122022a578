#!/usr/bin/env python3
"""Exports a Hugging Face folder to MLX folders with mlx-lm's own converter.

Usage: mlx_from_hf.py FOLDER --type bf16 [--type 4bit …] [--group-size 64] [--out FOLDER]

Each OUT/mlx-TYPE is what `mlx_lm.convert` writes, less its model card. bf16, f16 and f32 store the
weights as such; 4bit and 8bit quantize matrices in groups, with the rest in bf16. A Hugging Face
folder in f32 is a valid MLX model as it is. Each result is run by mlx-lm on the CPU (4bit and 8bit
with f32 arithmetic, ten times faster there than bf16) and must give all known answers of
tests/models/reference.json when the folder is one of the tiny models. SmolLM2-135M-Instruct wants
4bit groups of 32: in groups of 64 it no longer knows the capital of France.
Python packages: mlx-requirements.txt.
"""

import argparse
import shutil
from pathlib import Path

import mlx.core as mx
from mlx_lm import convert
from mlx_lm.utils import load_model

import fixture

TYPES = {"f32": "float32", "f16": "float16", "bf16": "bfloat16"}


def export(folder, kind, group_size, target):
    """Replaces the folder `target` by a converted model."""
    bits = None if kind in TYPES else int(kind.removesuffix("bit"))
    shutil.rmtree(target, ignore_errors=True)
    convert(str(folder), str(target), quantize=bits is not None, q_bits=bits,
            q_group_size=group_size if bits else None, dtype=TYPES.get(kind, "bfloat16"))
    (target / "README.md").unlink()


def check(folder, kind, target):
    """Asks the converted model the committed questions."""
    model, _ = load_model(target)
    if kind not in TYPES:
        model.set_dtype(mx.float32)

    def logits(ids):
        return model(mx.array([ids]))[0].astype(mx.float32)

    fixture.check(folder, target.name, logits, f32=kind == "f32")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--type", action="append", dest="kinds", required=True,
                        choices=(*TYPES, "4bit", "8bit"))
    parser.add_argument("--group-size", type=int, default=64, choices=(32, 64, 128))
    parser.add_argument("--out", type=Path, help="default: the folder itself")
    options = parser.parse_args()
    mx.set_default_device(mx.cpu)
    folder = options.folder.resolve()
    for kind in options.kinds:
        target = (options.out or folder) / f"mlx-{kind}"
        export(folder, kind, options.group_size, target)
        check(folder, kind, target)


if __name__ == "__main__":
    main()
