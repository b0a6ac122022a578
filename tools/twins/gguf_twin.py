#!/usr/bin/env python3
"""Makes a GGUF as publishers do: llama.cpp's converter to f16, then its quantization.

Usage: gguf_twin.py FOLDER OUT.gguf TYPE --family FAMILY --quantize PROGRAM

PROGRAM is the target tenfold-quantize of this repository. The converter knows the split of a published tokenizer by a hash over
ids, which a vocabulary of our own has not: it is told the name it would find."""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "export"))
import gguf_from_hf  # noqa: E402
from families import FAMILIES  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("type")
    parser.add_argument("--family", choices=sorted(FAMILIES), required=True)
    parser.add_argument("--quantize", required=True)
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    options = parser.parse_args()
    root = gguf_from_hf.fetch(home / "tenfold" / "export")
    sys.path[:0] = [str(root), str(root / "gguf-py")]
    from conversion.base import TextModel
    from conversion.phi import Phi3MiniModel

    pre = FAMILIES[options.family].pre
    if pre:
        TextModel.get_vocab_base_pre = lambda self, tokenizer: pre
        # As it does where the tokenizer is said to be of the class GPT2Tokenizer, which Phi-4's is.
        Phi3MiniModel.set_vocab = lambda self: self._set_vocab_gpt2()
    with tempfile.TemporaryDirectory() as scratch:
        half = Path(scratch, "f16.gguf")
        gguf_from_hf.convert(options.folder, "f16", half)
        subprocess.run([options.quantize, half, options.out, options.type], check=True, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
