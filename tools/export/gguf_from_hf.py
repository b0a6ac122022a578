#!/usr/bin/env python3
"""Exports a Hugging Face folder to GGUF with llama.cpp's own converter and quantization code.

Usage: gguf_from_hf.py FOLDER --type f32 [--type q8_0 --type q4_0 …] [--out FOLDER]

The converter comes from the PyPI source archive of llama-cpp-python; it is fetched once into the
cache. f32, f16, bf16 and q8_0 are written by the converter itself, q4_0 and other block types by the
gguf package from an f32 file. Python packages: gguf-requirements.txt.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE, VERSION = "llama-cpp-python", "0.3.36"
SHA256 = "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e"
DIRECT = ("f32", "f16", "bf16", "q8_0")
WANTED = ("convert_hf_to_gguf.py", "conversion", "gguf-py")


def fetch(cache):
    """Downloads the source archive unless cached and returns the folder of the converter."""
    root = cache / f"{PACKAGE}-{VERSION}"
    if not root.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                            "--no-binary", PACKAGE, f"{PACKAGE}=={VERSION}", "--dest", folder],
                           check=True)
            archive = next(Path(folder).glob("*.tar.gz"))
            if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
                sys.exit(f"{archive.name} is not the pinned archive")
            unpack(archive, Path(folder, "tree"))
            os.rename(Path(folder, "tree"), root)
    return root


def unpack(archive, target):
    """Extracts the converter alone, without the leading folders."""
    with tarfile.open(archive) as tar:
        for member in tar:
            inside = member.name.partition("/vendor/llama.cpp/")[2]
            if inside.partition("/")[0] in WANTED and member.isfile():
                member.name = inside
                tar.extract(member, target, filter="data")


def is_gpt2(folder):
    """Whether the tokenizer splits text exactly as GPT-2 does."""
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    split = tokenizer.get("pre_tokenizer") or {}
    return (tokenizer.get("normalizer") is None and split.get("type") == "ByteLevel"
            and split.get("use_regex", True) and not split.get("add_prefix_space", True))


def adapt(text_model):
    """Lets the converter take a vocabulary of our own.

    It recognises a pre-tokenizer by a hash over token ids, which knows published vocabularies only.
    It also leaves the end-of-turn token to be guessed from its spelling when loading."""
    known, gpt2 = text_model.get_vocab_base_pre, text_model._set_vocab_gpt2

    def get_vocab_base_pre(self, tokenizer):
        return "gpt-2" if is_gpt2(self.dir_model) else known(self, tokenizer)

    def set_vocab(self):
        gpt2(self)
        end = self.hparams.get("eos_token_id")
        if isinstance(end, int):
            self.gguf_writer.add_eot_token_id(end)

    text_model.get_vocab_base_pre, text_model._set_vocab_gpt2 = get_vocab_base_pre, set_vocab


def convert(source, kind, target):
    """Runs the official converter in this process."""
    import convert_hf_to_gguf

    sys.argv = ["convert_hf_to_gguf.py", str(source), "--outtype", kind, "--outfile", str(target)]
    convert_hf_to_gguf.main()


def quantize(source, kind, target):
    """Copies a GGUF with every matrix in a block type."""
    import gguf

    reader, block_type = gguf.GGUFReader(source), gguf.GGMLQuantizationType[kind.upper()]
    writer = gguf.GGUFWriter(target, reader.get_field("general.architecture").contents())
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue
        value = field.contents()
        if field.name == "general.file_type":
            value = int(gguf.LlamaFileType["MOSTLY_" + kind.upper()])
        writer.add_key_value(field.name, value, field.types[0],
                             field.types[-1] if len(field.types) > 1 else None)
    for tensor in reader.tensors:
        data, raw = tensor.data, None
        if data.ndim == 2:
            data, raw = gguf.quants.quantize(data, block_type), block_type
        writer.add_tensor(tensor.name, data, raw_dtype=raw)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--type", action="append", dest="kinds", required=True)
    parser.add_argument("--out", type=Path, help="default: the folder itself")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser.add_argument("--cache", type=Path, default=home / "tenfold" / "export")
    options = parser.parse_args()
    folder, out = options.folder.resolve(), (options.out or options.folder).resolve()
    out.mkdir(parents=True, exist_ok=True)
    root = fetch(options.cache)
    sys.path[:0] = [str(root), str(root / "gguf-py")]
    from conversion.base import TextModel

    adapt(TextModel)
    for kind in options.kinds:
        target = out / f"{folder.name}-{kind}.gguf"
        if kind in DIRECT:
            convert(folder, kind, target)
            continue
        with tempfile.TemporaryDirectory() as scratch:
            convert(folder, "f32", Path(scratch, "f32.gguf"))
            quantize(Path(scratch, "f32.gguf"), kind, target)


if __name__ == "__main__":
    main()
