#!/usr/bin/env python3
"""Keeps tests/models/manifest.json: the files of every model folder, their SHA-256 and exporter.

Usage: manifest.py record EXPORTER VERSION FILE…   adds or replaces entries (a folder: all in it)
       manifest.py check                           exits with 1 on a missing, changed or extra file
"""

import hashlib
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "tests" / "models"
MANIFEST = ROOT / "manifest.json"


def entry(path):
    """Size and SHA-256 of a file."""
    data = path.read_bytes()
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def load():
    """The entries by path relative to tests/models."""
    return json.loads(MANIFEST.read_text(encoding="utf-8"))["files"] if MANIFEST.exists() else {}


def record(exporter, version, names):
    """Writes the entries of files made by one exporter."""
    files = load()
    for name in names:
        path = Path(name).resolve()
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                source = {"exporter": exporter, "version": version}
                files[file.relative_to(ROOT).as_posix()] = {**entry(file), **source}
    body = ",\n".join(f"    {json.dumps(k)}: {json.dumps(v)}" for k, v in sorted(files.items()))
    MANIFEST.write_text(f'{{\n  "files": {{\n{body}\n  }}\n}}\n', encoding="utf-8")


def check():
    """Prints every difference between the manifest and the files; the number of them."""
    files = load()
    present = {p.relative_to(ROOT).as_posix() for p in ROOT.glob("*/**/*") if p.is_file()}
    wrong = [f"missing: {name}" for name in sorted(set(files) - present)]
    wrong += [f"not listed: {name}" for name in sorted(present - set(files))]
    for name in sorted(present & set(files)):
        if entry(ROOT / name) != {key: files[name][key] for key in ("bytes", "sha256")}:
            wrong.append(f"changed: {name}")
    print("\n".join(wrong) or f"{len(files)} files as listed")
    return len(wrong)


def main():
    if sys.argv[1:2] == ["check"]:
        sys.exit(bool(check()))
    if sys.argv[1:2] != ["record"] or len(sys.argv) < 5:
        sys.exit(__doc__)
    record(sys.argv[2], sys.argv[3], sys.argv[4:])


if __name__ == "__main__":
    main()
