#!/usr/bin/env python3
"""The launcher and deps/fetch, with stand-in tools on a PATH of their own.

launcher_test.py TENFOLD: TENFOLD is the built program, whose words the launcher must repeat on a fresh clone.
"""
import hashlib
import io
import os
import pathlib
import pty
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = sys.argv.pop(1)
# What Debian has in every installation, and so may be used before anything is installed.
ESSENTIAL = """sh cat cut dirname env flock grep head id kill ls mkdir mktemp mv nproc paste printf rm sed sha256sum sleep sort
tail tar gzip touch tr uname""".split()

# Stand-ins write what they were asked to $LOG. "Headers" are the names in the file $HEADERS.
STANDINS = {
    "c++": r"""
while IFS= read -r line; do
  case $line in '#if !__has_include'*) name=${line#*<}; name=${name%>*}; grep -qx "$name" "$HEADERS" || echo "\"$name\"" ;; esac
done""",
    "cc": 'echo "#define MACHINE ${MACHINE:-this}"',
    "cmake": r"""
case " $* " in
  *" --preset "*) mkdir -p build/release; sleep "${SLOW:-0}" ;;
  *" --install "*) mkdir -p "$PREFIX/lib" ;;
  *) [ -z "${CUT:-}" ] || { mkdir -p "$BUILD"; exit 1; } ;;
esac""",
    "ninja": r"""
case " $* " in *" -n "*) exit ;; *release*) ;; *) exit ;; esac
[ "${NINJA_STATUS:-}" != "%p " ] || echo " 37% Building"
mkdir "$LOG.building" || { echo "two builds at once" >&2; exit 1; }
sleep "${SLOW:-0}"
rmdir "$LOG.building"
[ -z "${CUT:-}" ] || exit 1
mkdir -p build/release/bin
printf '%s\n' '#!/bin/sh' 'echo "tenfold $*" >>"$LOG"' '[ "$1" != pull ] || [ -z "${OFFLINE:-}" ] || exit 1' 'echo "ran $*"' >build/release/bin/tenfold
chmod +x build/release/bin/tenfold""",
    "ctest": "",
    "python3": "",
    "ccache": "",
    "rustc": "echo 'rustc 1.87.0'",
    "cargo": r'mkdir -p "$CARGO_HOME/registry/cache/index"; cp "$CRATE" "$CARGO_HOME/registry/cache/index/library-1.crate"',
    "apt-get": r"""
case " $* " in *" install "*) ;; *) exit ;; esac
for package; do case $package in ninja-build) ln -s "$STANDINS/ninja" "$TOOLS/ninja" ;; zlib1g-dev) echo zlib.h >>"$HEADERS" ;; esac; done""",
}
HEADERS = """boost/asio/as_tuple.hpp fmt/format.h curl/curl.h sqlite3.h openssl/ssl.h xxhash.h histedit.h nlohmann/json.hpp
zlib.h gtest/gtest.h gmock/gmock.h""".split()


class Launcher(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="tenfold-launcher-"))
        self.addCleanup(shutil.rmtree, self.home)
        self.clone = self.home / "clone"
        self.clone.mkdir()
        for name in ("tenfold", "CMakeLists.txt", "CMakePresets.json"):
            shutil.copy(ROOT / name, self.clone)
        for name in ("deps", "misc/first-words"):
            shutil.copytree(ROOT / name, self.clone / name)
        self.tools, self.standins = self.home / "tools", self.home / "stand-ins"
        self.tools.mkdir()
        self.standins.mkdir()
        for name in ESSENTIAL + ["chmod", "cp", "ln", "rmdir"]:
            (self.tools / name).symlink_to(shutil.which(name))
        for name, text in STANDINS.items():
            file = self.standins / name
            file.write_text(f'#!/bin/sh\necho "{name} $*" >>"$LOG"\n{text}\n')
            file.chmod(0o755)
        self.log, self.headers = self.home / "log", self.home / "headers"
        self.log.write_text("")
        self.headers.write_text("\n".join(HEADERS) + "\n")
        crate = io.BytesIO()
        with tarfile.open(fileobj=crate, mode="w:gz") as archive:
            archive.addfile(tarfile.TarInfo("library-1/llama.cpp"))
        (self.home / "crate").write_bytes(crate.getvalue())
        digest = hashlib.sha256(crate.getvalue()).hexdigest()
        (self.clone / "deps/engines.lock").write_text(
            f"llama_cpp crate library 1 any {digest}\nother pypi wheel 1 x86_64 {digest}\nother pypi wheel 1 aarch64 {digest}\n")
        (self.clone / "deps/other.sh").write_text('cp -R "$SOURCE" "$PREFIX"\n')
        self.environment = {
            "PATH": str(self.tools), "HOME": str(self.home), "CARGO_HOME": str(self.home / "cargo"), "LOG": str(self.log),
            "HEADERS": str(self.headers), "CRATE": str(self.home / "crate"), "TOOLS": str(self.tools), "STANDINS": str(self.standins)}

    def have(self, *names):
        for name in names:
            (self.tools / name).symlink_to(self.standins / name)

    def have_all_but(self, *absent):
        self.have(*(name for name in STANDINS if name not in absent))

    def replace(self, name, text):
        (self.tools / name).unlink()
        (self.tools / name).write_text(f"#!/bin/sh\n{text}\n")
        (self.tools / name).chmod(0o755)

    def start(self, *words, **variables):
        return subprocess.Popen(["./tenfold", *words], cwd=self.clone, env=self.environment | variables, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run_launcher(self, *words, **variables):
        child = self.start(*words, **variables)
        output, error = child.communicate(timeout=60)
        return child.returncode, output, error

    def fetch(self, *words, **variables):
        return subprocess.run(["deps/fetch", *words], cwd=self.clone, env=self.environment | variables, text=True,
                              capture_output=True, timeout=60)

    def asked(self, start):
        return [line for line in self.log.read_text().splitlines() if line.startswith(start)]

    def test_a_fresh_clone_says_at_once_what_the_program_says(self):
        none = self.environment | {"TENFOLD_ENGINE_PATH": str(self.home / "none")}
        for words in ([], ["--help"], ["-h"], ["help"], ["--version"], ["version"], ["engines"]):
            expected = subprocess.run([PROGRAM, *words], env=none, text=True, capture_output=True)
            started = time.monotonic()
            code, output, error = self.run_launcher(*words)
            self.assertEqual((code, output, error), (expected.returncode, expected.stdout, expected.stderr),
                             f"{words}: renew misc/first-words: tenfold --help and, without engines, tenfold engines")
            self.assertLess(min(time.monotonic() - started, self.seconds(words)), 0.2)
        self.assertFalse((self.clone / "build").exists())

    def seconds(self, words):
        def once():
            started = time.monotonic()
            self.run_launcher(*words)
            return time.monotonic() - started
        return min(once() for _ in range(5))

    def test_tools_that_are_there_are_enough(self):
        self.have_all_but("apt-get", "ccache")  # which only `test` wants
        code, output, error = self.run_launcher("run", "x")
        self.assertEqual((code, output.splitlines()[-1]), (0, "ran run x"), error)
        self.assertIn("-DBUILD_TESTING=OFF", self.asked("cmake -S")[-1])

    def test_on_a_terminal_something_moves(self):
        self.have_all_but("apt-get")
        keyboard, screen = pty.openpty()
        child = subprocess.Popen(["./tenfold", "run", "x"], cwd=self.clone, env=self.environment | {"SLOW": "1.5"},
                                 stdin=screen, stdout=screen, stderr=screen)
        os.close(screen)
        shown = b""
        try:
            while part := os.read(keyboard, 4096):
                shown += part
        except OSError:  # nobody writes any more
            pass
        os.close(keyboard)
        self.assertEqual(child.wait(timeout=60), 0, shown)
        self.assertIn(b"tenfold: configuring, 1 s", shown)
        self.assertIn(b"tenfold: building (the first time takes some minutes), 37%, 1 s", shown)

    def test_what_is_not_found_is_named(self):
        self.have_all_but("apt-get", "cmake")
        self.headers.write_text("\n".join(h for h in HEADERS if h not in ("zlib.h", "gtest/gtest.h")))
        code, _, error = self.run_launcher("run", "x")
        self.assertEqual(code, 1)
        self.assertIn("not found here: header zlib.h; program cmake\n", error)

    def test_only_what_is_not_found_is_installed(self):
        self.have_all_but("ninja")
        self.replace("id", "echo 0")
        self.headers.write_text("\n".join(h for h in HEADERS if h != "zlib.h") + "\n")
        code, _, error = self.run_launcher("run", "x")
        self.assertEqual(code, 0, error)
        self.assertEqual(self.asked("apt-get install"), ["apt-get install -y -qq --no-install-recommends ninja-build zlib1g-dev"])

    def test_the_tests_want_more(self):
        self.have_all_but("apt-get", "ccache")
        code, _, error = self.run_launcher("test")
        self.assertEqual(code, 1)
        self.assertIn("not found here: program ccache\n", error)

    def test_offline_only_the_model_is_missing_and_the_next_start_goes_on_with_it(self):
        self.have_all_but("apt-get")
        code, output, error = self.run_launcher("run", "x", OFFLINE="1")
        self.assertEqual((code, output), (0, "ran run x\n"), error)
        self.assertIn("the next start goes on", error)
        configured = len(self.asked("cmake -S"))
        for _ in range(2):
            self.assertEqual(self.run_launcher("run", "y")[0], 0)
        self.assertEqual(len(self.asked("cmake -S")), configured)
        self.assertEqual(len(self.asked("tenfold pull")), 2)

    def test_two_at_once_set_up_once(self):
        self.have_all_but("apt-get")
        children = [self.start("run", "x", SLOW="0.3") for _ in range(3)]
        for child in children:
            output, error = child.communicate(timeout=60)
            self.assertEqual((child.returncode, output.splitlines()[-1]), (0, "ran run x"), error)
        self.assertEqual(len([line for line in self.asked("cmake -S") if "--preset" in line]), 1)
        self.assertEqual(len(self.asked("cargo info")), 1)

    def test_a_build_cut_in_half_goes_on(self):
        self.have_all_but("apt-get")
        self.assertNotEqual(self.run_launcher("run", "x", CUT="1")[0], 0)
        half = list((self.home / ".cache/tenfold/deps").glob(".llama_cpp-*/build"))
        self.assertEqual(len(half), 1)
        (half[0] / "object").write_text("compiled")
        self.assertNotEqual(self.run_launcher("run", "x", CUT="1")[0], 0)
        self.assertTrue((half[0] / "object").exists())
        code, _, error = self.run_launcher("run", "x")
        self.assertEqual(code, 0, error)
        self.assertEqual(len(self.asked("cargo info")), 1)
        self.assertFalse(half[0].exists())

    def test_the_cache_is_keyed_by_what_compiles_and_what_computes(self):
        self.have_all_but("apt-get")
        here, there = (self.fetch("--where", "llama_cpp", MACHINE=machine).stdout for machine in ("this", "that"))
        self.assertNotEqual(here, there)
        # What comes as a binary is the same whatever compiler is here.
        self.replace("uname", 'echo "$ARCHITECTURE"')
        x86, same, arm = (self.fetch("--where", "other", ARCHITECTURE=architecture, MACHINE=machine).stdout
                          for architecture, machine in (("x86_64", "this"), ("x86_64", "that"), ("aarch64", "this")))
        self.assertEqual(x86, same)
        self.assertNotEqual(x86, arm)
        none = self.fetch("other", ARCHITECTURE="riscv64")
        self.assertEqual((none.returncode, none.stderr),
                         (3, "deps/fetch: other cannot be had on riscv64: no wheel for it is pinned in deps/engines.lock\n"))

    def test_the_tests_are_of_the_engines_that_there_are_for_this_architecture(self):
        self.have_all_but("apt-get")
        self.replace("uname", "echo riscv64")
        code, _, error = self.run_launcher("test", "-R", "x")
        self.assertEqual(code, 0, error)
        self.assertEqual((self.clone / "build/engines").read_text(), "coreml\nllama_cpp\n")
        self.assertIn("-DBUILD_TESTING=ON -DTENFOLD_ENGINE_COREML=ON -DTENFOLD_ENGINE_LLAMA_CPP=ON", self.asked("cmake -S")[-1])
        self.assertTrue(self.asked("ctest")[-1].endswith(" --output-on-failure -R x"))

    def test_an_engine_of_another_machine_is_not_added(self):
        self.have_all_but("apt-get")
        self.replace("uname", "echo riscv64")
        for words in (("engines", "add", "other"), ("run", "x")):
            code, output, error = self.run_launcher(*words)
            self.assertEqual((code, output.splitlines()[-1]), (0, "ran " + " ".join(words)), error)

    def test_an_engine_added_later_is_configured(self):
        self.have_all_but("apt-get")
        self.assertEqual(self.run_launcher("run", "x")[0], 0)
        package = pathlib.Path(self.fetch("--where", "other").stdout.strip())
        package.mkdir(parents=True)
        (package / ".complete").touch()
        code, _, error = self.run_launcher("engines", "add", "other")
        self.assertEqual(code, 0, error)
        self.assertIn("-DTENFOLD_ENGINE_OTHER=ON", self.asked("cmake -S")[-1])
        configured = len(self.asked("cmake -S"))
        self.assertEqual(self.run_launcher("run", "y")[0], 0)
        self.assertEqual(len(self.asked("cmake -S")), configured)

    def test_a_package_of_sources_is_built_by_its_own_build(self):
        digest = "0" * 64
        with open(self.clone / "deps/engines.lock", "a", encoding="utf-8") as lock:
            lock.write(f"bridge sdist the-bridge 2 any {digest}\n")
        (self.clone / "deps/bridge.sh").write_text('cp -R "$SOURCE/the-bridge" "$PREFIX"\n')
        self.have("python3")
        # As pip does it: the digest is that of the sources, and the wheel is made here.
        self.replace("python3", r"""case "$*" in
  *" wheel "*) for word; do folder=$word; done; cat "$folder/requirements.txt" >>"$LOG"; echo built >"$folder/made.whl" ;;
  *zipfile*) for word; do folder=$word; done; cp "$4" "$folder/library" ;;
esac""")
        result = self.fetch("bridge")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(f"the-bridge==2 --hash=sha256:{digest}", self.log.read_text())
        self.assertEqual((pathlib.Path(result.stdout.strip()) / "library").read_text(), "built\n")

    def test_a_changed_package_is_refused(self):
        self.have_all_but("apt-get")
        (self.home / "crate").write_bytes(b"something else")
        result = self.fetch("llama_cpp")
        self.assertEqual(result.returncode, 1)
        self.assertIn("is not the pinned library 1", result.stderr)


if __name__ == "__main__":
    unittest.main()
