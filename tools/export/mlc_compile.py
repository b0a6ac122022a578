#!/usr/bin/env python3
"""Compiles the library of an MLC folder: what `tenfold compile` runs.

Usage: mlc_compile.py FOLDER --level x86-64-v3 --out FILE

FOLDER is as mlc-ai publishes models: mlc-chat-config.json and tensor-cache.json or ndarray-cache.json
(the weights themselves aren't read). FILE appears when it is whole. LEVEL is the set of instructions
to use. What cannot be compiled is told in one line on standard error. Needs TVM (mlc_compiler.lock)
and a C++ compiler."""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from mlc_library import LEVELS, CompileError, compile_library
from mlc_linear import FLOATS
from mlc_shape import Shape


def read(file):
    """A JSON object."""
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CompileError(f"{file} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise CompileError(f"{file} is no object of fields")
    return found


def stored(folder):
    """Shape of each weight in the folder, by name."""
    names = ("tensor-cache.json", "ndarray-cache.json")
    file = next((folder / name for name in names if (folder / name).exists()), folder / names[0])
    try:
        return {tensor["name"]: tensor["shape"]
                for shard in read(file)["records"] for tensor in shard["records"]}
    except (KeyError, TypeError) as error:
        raise CompileError(f"{file} is no list of weights: {error!r}") from error


def described(folder, weights):
    """Shape and quantization of the model."""
    config = read(folder / "mlc-chat-config.json")
    quantization = config.get("quantization")
    if quantization not in FLOATS:
        raise CompileError(f"quantization {quantization} is not supported; taken are "
                           f"{', '.join(sorted(FLOATS))}")
    model = dict(config.get("model_config") or {})
    for name in ("model_type", "vocab_size", "context_window_size"):
        if config.get(name) not in (None, -1, 0):
            model[name] = config[name]
    model["tie_word_embeddings"] = not any(name.startswith("lm_head.") for name in weights)
    try:
        return Shape.of(model), quantization
    except (KeyError, TypeError, ZeroDivisionError) as error:
        raise CompileError(f"{folder}/mlc-chat-config.json lacks a size: {error!r}") from error
    except ValueError as error:
        raise CompileError(f"{folder}/mlc-chat-config.json: {error}") from error


def compare(parameters, weights, folder):
    """Ends unless the folder has what the library takes."""
    for parameter in parameters:
        name, wanted = parameter["name"], parameter["shape"]
        if name not in weights:
            raise CompileError(f"{folder} has no weight {name}: its model is built otherwise than "
                               "its model_type says")
        if weights[name] != wanted:
            raise CompileError(f"{folder} has {name} in the shape {weights[name]}, not {wanted}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--level", required=True, choices=sorted(LEVELS))
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    try:
        weights = stored(options.folder)
        shape, quantization = described(options.folder, weights)
        print(f"compiling {shape.model_type}, {shape.layers} layers, {quantization}, for "
              f"{options.level}", flush=True)
        options.out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=options.out.parent) as scratch:
            fresh = Path(scratch, "library.so")
            parameters = compile_library(shape, quantization, options.level, fresh)
            compare(parameters, weights, options.folder)
            os.replace(fresh, options.out)
    except (CompileError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
