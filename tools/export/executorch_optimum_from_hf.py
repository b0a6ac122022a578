#!/usr/bin/env python3
"""Exports a Hugging Face folder with optimum-executorch, for XNNPACK.

Usage: executorch_optimum_from_hf.py FOLDER OUT [OPTION…]

OUT becomes a folder with model.pte and the model's tokenizer files. The options are those of `optimum-cli export executorch`, for
example `--use_custom_sdpa --use_custom_kv_cache --qlinear 8da4w --qembedding 8w --max_seq_len 512`. Python packages: those of
executorch_llm_from_hf.py, then executorch_optimum-requirements.txt over them, in an environment of their own: optimum-executorch
wants an older transformers."""

import argparse
import sys
from pathlib import Path
from unittest.mock import MagicMock

from fixture import copy_text_files


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    options, theirs = parser.parse_known_args()
    copy_text_files(options.folder, options.out)
    # It imports all of its recipes, whichever is wanted.
    sys.modules["coremltools"] = MagicMock()
    from optimum.commands.optimum_cli import main as optimum_cli

    sys.argv = ["optimum-cli", "export", "executorch", "--model", str(options.folder), "--task", "text-generation", "--recipe",
                "xnnpack", "-o", str(options.out), *theirs]
    optimum_cli()


if __name__ == "__main__":
    main()
