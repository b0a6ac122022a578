#!/usr/bin/env python3
"""Let the CUDA build of PyTorch, the only one on PyPI, import on a machine without CUDA.

Usage: torch_cpu.py [SITE_PACKAGES/torch/lib]

Install torch with `pip install --no-deps`, then run this in the same environment. Every missing
CUDA library is replaced by an empty one with the right name, symbols and symbol versions. All
their functions report "no device". Needs readelf and a C compiler.
"""

import re
import subprocess
import sys
import sysconfig
import tempfile
from collections import defaultdict
from pathlib import Path

MISSING = re.compile(r"lib(cu|nv|nccl)")
FOREIGN = re.compile(r"_*(cu|nv|nccl|pnccl)")
BODIES = {
    "cudaGetDeviceCount": "int cudaGetDeviceCount(int *n) { if (n) *n = 0; return 100; }",
    "cudaGetLastError": "int cudaGetLastError(void) { return 0; }",
    "cudaPeekAtLastError": "int cudaPeekAtLastError(void) { return 0; }",
    "cudaGetErrorString": 'const char *cudaGetErrorString(int e) { return "no CUDA"; }',
    "cudaGetErrorName": 'const char *cudaGetErrorName(int e) { return "cudaErrorNoDevice"; }',
    "cudaDriverGetVersion": "int cudaDriverGetVersion(int *v) { if (v) *v = 0; return 0; }",
    "cudaRuntimeGetVersion": "int cudaRuntimeGetVersion(int *v) { if (v) *v = 13000; return 0; }",
}


def readelf(flag, path):
    """Output lines of `readelf FLAG PATH`."""
    command = ["readelf", flag, "-W", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


class Imports:
    """What the torch libraries need from elsewhere, and what they define themselves."""

    def __init__(self):
        self.libraries, self.defined, self.plain = set(), set(), set()
        self.versions, self.versioned = defaultdict(set), defaultdict(set)

    def read(self, path):
        """Adds the needed libraries, symbol versions and symbols of one library."""
        for line in readelf("-d", path):
            if match := re.search(r"NEEDED.*\[(.*)\]", line):
                self.libraries.add(match[1])
        library = None
        for line in readelf("-V", path):
            if match := re.search(r"File: (\S+)", line):
                library = match[1]
            elif library and (match := re.search(r"Name: (\S+)\s+Flags", line)):
                self.versions[library].add(match[1])
        for fields in (line.split() for line in readelf("--dyn-syms", path)):
            if len(fields) < 8 or not fields[0].endswith(":"):
                continue
            name, _, version = fields[7].partition("@")
            if fields[6] != "UND":
                self.defined.add(name)
            elif version:
                self.versioned[version.lstrip("@")].add(name)
            elif FOREIGN.match(name):
                self.plain.add(name)


def build_stub(target, groups, plain):
    """Compiles one stub library that exports `plain` unversioned and `groups` by version."""
    names = sorted(set().union(plain, *groups.values()))
    default = "long {}(void) {{ return {}; }}"
    lines = [BODIES.get(n) or default.format(n, 0 if n.startswith("__") else 100) for n in names]
    with tempfile.TemporaryDirectory() as folder:
        source, script = Path(folder, "stub.c"), Path(folder, "stub.map")
        source.write_text("\n".join(lines) + "\nint tenfold_stub;\n")
        command = ["cc", "-shared", "-fPIC", "-w", "-fno-builtin", str(source), "-o", str(target),
                   f"-Wl,-soname,{target.name}"]
        if groups:
            script.write_text("".join(
                f"{version} {{ global: {' '.join(n + ';' for n in sorted(group)) or 'none;'} }};\n"
                for version, group in sorted(groups.items())))
            command.append(f"-Wl,--version-script={script}")
        subprocess.run(command, check=True)
    print(f"{target.name}: {len(names)} symbols")


def main():
    default = Path(sysconfig.get_paths()["purelib"], "torch", "lib")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    imports = Imports()
    for path in sorted(folder.glob("lib*.so")):
        if path.name.startswith(("libtorch", "libc10", "libcaffe2")):
            imports.read(path)
    plain = imports.plain - imports.defined
    for name in sorted(imports.libraries):
        if MISSING.match(name) and not (folder / name).exists():
            groups = {v: imports.versioned[v] for v in imports.versions[name]}
            build_stub(folder / name, groups, set() if groups else plain)


if __name__ == "__main__":
    main()
