#!/usr/bin/env python3
"""Turns a Hugging Face folder into every format, one exporter after the other.

Usage: all_from_hf.py [FOLDER] [--only STEP]… [--again] [--list]

Without FOLDER: the default model, made from its GGUF first (hf_from_gguf.py). Results go into
FOLDER beside its weights, as in tests/models. Each exporter runs in a virtual environment of its
own under the cache, made when first needed. A step writes into a scratch folder; its results are
moved into place when the exporter has ended well, and FOLDER/exports.json records that, so a second
run goes on where the first ended. Printed before a step: the disk and about the time it needs;
after it: the time, memory and disk it took. Needs only Python 3.11, readelf and a C++ compiler.
"""

import argparse
import hashlib
import json
import math
import os
import shutil
import struct
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tenfold" / "export"
DEFAULT = CACHE / "SmolLM2-135M-Instruct"
TORCH, TINY = "torch==2.14.1", "../tiny/requirements.txt"
GIGABYTE = 1e9


@dataclass
class Step:
    """One run of an exporter."""

    name: str
    command: str  # script and arguments; {folder} and {out} are filled in
    packages: tuple  # requirements files, in this order
    environment: float  # gigabytes of the virtual environment
    weight: float  # bytes of results and scratch files for each weight of the model
    seconds: float  # of two idle cores, for each million weights
    torch: bool = True


STEPS = [
    Step("gguf", "gguf_from_hf.py {folder} --out {out} --type f32 --type q8_0 --type q4_0",
         ("gguf-requirements.txt",), 2, 10, 0.3),
    Step("onnx", "onnx_from_hf.py {folder} --out {out} --form onnx-f32 --form onnx-int4",
         ("onnx-requirements.txt",), 2, 10, 0.6),
    Step("genai", "onnx_from_hf.py {folder} --out {out} --form genai-f32 --form genai-int4",
         ("genai-requirements.txt",), 2.2, 10, 0.4),
    Step("executorch-f32", "executorch_from_hf.py {folder} {out}/executorch-f32 --precision f32",
         (TINY, "executorch-requirements.txt"), 2.5, 5, 3.4),
    Step("executorch-8da4w",
         "executorch_from_hf.py {folder} {out}/executorch-8da4w --precision 8da4w",
         (TINY, "executorch-requirements.txt"), 2.5, 3, 6),
    Step("litert", "litert_from_hf.py {folder} --out {out} --type f32 --type int8 --bundle int8",
         ("litert-requirements.txt",), 3, 15, 2.8),
    Step("mlx", "mlx_from_hf.py {folder} --out {out} --type bf16 --type 4bit --group-size 32",
         ("mlx-requirements.txt",), 1, 4, 0.1, torch=False),
    Step("mlc", "mlc_from_hf.py {folder} --out {out} --type q0f32 --type q4f32_1",
         ("mlc-requirements.txt",), 0.5, 6, 0.6, torch=False),
    Step("coreml-stateful",
         "coreml_from_hf.py {folder} --out {out} --style stateful --precision f16 --precision int8"
         " --precision int4", ("coreml-requirements.txt",), 2.5, 8, 2),
    Step("coreml-stateless",
         "coreml_from_hf.py {folder} --out {out} --style stateless --precision f16",
         ("coreml-requirements.txt",), 2.5, 4, 1),
]


def weights(folder):
    """How many numbers the model's *.safetensors hold."""
    count = 0
    for file in folder.glob("*.safetensors"):
        with file.open("rb") as stream:
            header = json.loads(stream.read(struct.unpack("<Q", stream.read(8))[0]))
        count += sum(math.prod(entry["shape"]) for name, entry in header.items()
                     if name != "__metadata__")
    if not count:
        sys.exit(f"{folder} holds no *.safetensors; give a Hugging Face folder")
    return count


def environment(packages, torch):
    """The Python of the virtual environment for requirements files, made unless it is there.

    Its name has a checksum of the files: other versions, another environment."""
    texts = b"".join((HERE / file).read_bytes() for file in packages)
    name, checksum = packages[-1].removesuffix("-requirements.txt"), hashlib.sha256(texts)
    root = CACHE / "environments" / f"{name}-{checksum.hexdigest()[:8]}"
    python = root / "bin" / "python"
    if (root / "complete").exists():
        return python
    print(f"  making {root}", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", root], check=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--no-deps"]
    if torch:
        subprocess.run([*pip, TORCH], check=True)
    for file in packages:
        subprocess.run([*pip, "-r", HERE / file], check=True)
    if torch:
        subprocess.run([python, HERE.parent / "tiny" / "torch_cpu.py"], check=True,
                       stdout=subprocess.DEVNULL)
    (root / "complete").touch()
    return python


def disk(path):
    """Bytes of a file or of all files in a folder."""
    return sum(file.stat().st_size for file in [path, *path.rglob("*")] if file.is_file())


class Record:
    """FOLDER/exports.json: which steps are done, and what they made."""

    def __init__(self, folder):
        self.folder, self.file = folder, folder / "exports.json"
        self.steps = json.loads(self.file.read_text("utf-8")) if self.file.exists() else {}

    def done(self, step):
        """Whether the step ran with this command and its results are all there."""
        entry = self.steps.get(step.name)
        return (entry is not None and entry["command"] == step.command
                and all((self.folder / name).exists() for name in entry["results"]))

    def add(self, step, entry):
        """Notes a step, safely against an end of this program at any moment."""
        self.steps = json.loads(self.file.read_text("utf-8")) if self.file.exists() else {}
        self.steps[step.name] = {"command": step.command, **entry}
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps(self.steps, indent=2) + "\n", encoding="utf-8")
        fresh.replace(self.file)


def run(step, folder, record):
    """Runs an exporter and moves its results into place; whether it went well."""
    scratch = folder / f".{step.name}"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    script, *arguments = [word.format(folder=folder, out=scratch)
                          for word in step.command.split()]
    python = environment(step.packages, step.torch)
    start = time.monotonic()
    child = os.posix_spawn(python, [python, HERE / script, *arguments], os.environ)
    _, status, usage = os.wait4(child, 0)
    if status:
        print(f"  failed: {script} ended with {os.waitstatus_to_exitcode(status)}; "
              f"what it wrote is in {scratch}")
        return False
    results = sorted(scratch.iterdir())
    for result in results:
        target = folder / result.name
        shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
        result.rename(target)
    scratch.rmdir()
    entry = {"results": [result.name for result in results],
             "bytes": sum(disk(folder / result.name) for result in results),
             "seconds": round(time.monotonic() - start),
             "processor_seconds": round(usage.ru_utime + usage.ru_stime),
             "memory_bytes": usage.ru_maxrss * 1024}
    record.add(step, entry)
    print(f"  took {told(entry)}", flush=True)
    return True


def told(entry):
    """The figures of a step in words."""
    return (f"{entry['seconds']} s, {entry['processor_seconds']} s of processor, "
            f"{entry['memory_bytes'] / GIGABYTE:.2f} GB of memory, "
            f"{entry['bytes'] / GIGABYTE:.3f} GB on disk: {', '.join(entry['results'])}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=DEFAULT)
    names = [step.name for step in STEPS]
    parser.add_argument("--only", action="append", choices=names, metavar="STEP",
                        help=f"one of {', '.join(names)}; may be repeated")
    parser.add_argument("--again", action="store_true", help="also what is done already")
    parser.add_argument("--list", action="store_true", help="only tell what is done and needed")
    options = parser.parse_args()
    folder = options.folder.resolve()
    if folder == DEFAULT and not folder.exists():
        print("Hugging Face folder of the default model", flush=True)
        python = environment(("hf_from_gguf-requirements.txt",), torch=False)
        subprocess.run([python, HERE / "hf_from_gguf.py", "--out", folder], check=True)
    count, record, failed = weights(folder), Record(folder), []
    for step in STEPS:
        if options.only and step.name not in options.only:
            continue
        if record.done(step) and not options.again:
            print(f"{step.name}: done; took {told(record.steps[step.name])}")
            continue
        need = count * step.weight / GIGABYTE
        free = shutil.disk_usage(folder).free / GIGABYTE
        print(f"{step.name}: needs {need:.2f} GB of disk, of {free:.0f} GB free, and "
              f"{step.environment} GB for packages if not installed yet; about "
              f"{count * step.seconds / 6e7:.1f} minutes of two idle cores", flush=True)
        if options.list:
            continue
        if need > free or not run(step, folder, record):
            failed.append(step.name)
    if failed:
        sys.exit(f"not done: {', '.join(failed)}")


if __name__ == "__main__":
    main()
