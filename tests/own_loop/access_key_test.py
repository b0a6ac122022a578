#!/usr/bin/env python3
"""An AccessKey is used and nothing shows it: access_key_test.py TENFOLD ENGINES_FOLDER MODEL.pllm

The engine's library is a stand-in, which quotes the key in messages and prints it before it crashes.
"""
import json
import os
import pty
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

TENFOLD, ENGINES, MODEL = sys.argv[1:4]
# Of this run alone, as another one beside it writes its key on a command line, which is refused.
KEY = f"pv-marker-{os.getpid()}-0123456789-abcdef=="
NOTICE = "checked over the internet by Picovoice's server"


def allow_cores():
    most = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))


class AccessKeyTest(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="tenfold-picollm-")
        self.seen = ""  # everything that was printed or replied

    def tearDown(self):
        self.assertNotIn(KEY, self.seen)
        kept = {os.path.join(self.home, name) for name in ("key", "config/config.json")}
        for folder, _, names in os.walk(self.home):
            for path in (os.path.join(folder, name) for name in names):
                self.assertNotIn(KEY, path)
                self.assertFalse(os.path.basename(path).startswith("core"), path)
                with open(path, "rb") as file:
                    content = file.read()
                self.assertTrue(path in kept or KEY.encode() not in content, path)
                if path in kept:
                    self.assertEqual(os.stat(path).st_mode & 0o077, 0, path)
        shutil.rmtree(self.home)

    def environment(self, **more):
        return dict(os.environ, TENFOLD_HOME=self.home, TENFOLD_ENGINE_PATH=ENGINES, **more)

    def tenfold(self, *arguments, code=0, **environment):
        end = subprocess.run([TENFOLD, *arguments], env=self.environment(**environment), cwd=self.home, text=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                             preexec_fn=allow_cores)
        self.seen += end.stdout
        self.assertEqual(end.returncode, code, end.stdout)
        return end.stdout

    def key_file(self, key=KEY):
        path = os.path.join(self.home, "key")
        with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(key + "\n")
        return "picollm.access_key=@" + path

    def write_config(self):
        os.makedirs(os.path.join(self.home, "config"))
        path = os.path.join(self.home, "config/config.json")
        with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            json.dump({"engine_option": ["picollm.access_key=" + KEY]}, file)

    def test_without_one_the_next_step_is_said(self):
        said = self.tenfold("run", "-m", MODEL, "Hi", code=4)
        self.assertIn("picoLLM needs an AccessKey", said)
        self.assertIn("https://console.picovoice.ai", said)
        reply = self.tenfold("run", "--json", "-m", MODEL, "Hi", code=4)
        self.assertEqual(json.loads(reply[reply.index("{"):])["error"]["code"], "license")

    def test_a_file_the_environment_and_the_configuration_give_it(self):
        ask = ("run", "-m", MODEL, "--temperature", "0", "--json", "Hi")
        answers = []
        for arguments, environment in [(("--engine-option", self.key_file()), {}), ((), {"TENFOLD_PICOLLM_ACCESS_KEY": KEY})]:
            said = self.tenfold(*ask, *arguments, **environment)
            self.assertEqual(said.count(NOTICE), 1)
            answers.append(json.loads(said[said.index("{"):])["text"])
        self.write_config()
        said = self.tenfold(*ask)
        answers.append(json.loads(said[said.index("{"):])["text"])
        self.assertEqual(len(set(answers)), 1, answers)
        self.assertEqual(len(answers[0].split()), 12)

    def test_one_on_the_command_line_is_refused(self):
        said = self.tenfold("run", "-m", MODEL, "--engine-option", "picollm.access_key=" + KEY, "Hi", code=2)
        self.assertIn("@FILE", said)
        self.assertNotIn(NOTICE, said)

    def test_a_typed_one_is_all_it_takes(self):
        asked = [TENFOLD, "run", "-m", MODEL, "--temperature", "0", "--engine-option", "picollm.access_key=-", "Hi"]
        child, terminal = pty.fork()
        if child == 0:
            os.execve(TENFOLD, asked, self.environment())
        said = b""

        def read():
            try:
                return os.read(terminal, 4096)
            except OSError:  # the other side has gone
                return b""

        while b"(what you type is not shown): " not in said:
            part = read()
            self.assertTrue(part, said)
            said += part
        os.write(terminal, KEY.encode() + b"\r")
        while part := read():
            said += part
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0, said)
        os.close(terminal)
        self.seen += said.decode()
        self.assertIn(NOTICE, self.seen)
        self.assertIn(self.tenfold(*asked[1:-3], "Hi", TENFOLD_PICOLLM_ACCESS_KEY=KEY).splitlines()[-1], self.seen)

    def test_a_refused_network_is_named(self):
        said = self.tenfold("run", "--json", "-m", MODEL, "--engine-option", self.key_file(f"status 8 {KEY}"), "Hi", code=1)
        self.assertEqual(json.loads(said[said.index("{"):])["error"]["code"], "network")

    def test_a_slow_check_is_waited_for(self):
        began = time.monotonic()
        asked = ("run", "-m", MODEL, "--seed", "1", "Hi")
        said = self.tenfold(*asked, "--engine-option", self.key_file(f"slow {KEY}"))
        self.assertGreater(time.monotonic() - began, 2)
        self.assertEqual(said.splitlines()[-1], self.tenfold(*asked, TENFOLD_PICOLLM_ACCESS_KEY=KEY).splitlines()[-1])

    def test_a_check_without_end_is_ended_by_ctrl_c(self):
        with subprocess.Popen([TENFOLD, "run", "-m", MODEL, "--engine-option", self.key_file(f"stuck {KEY}"), "Hi"],
                              env=self.environment(), cwd=self.home, text=True, stdin=subprocess.DEVNULL,
                              stderr=subprocess.PIPE) as running:
            self.seen += running.stderr.readline()
            self.assertIn(NOTICE, self.seen)
            time.sleep(0.3)
            began = time.monotonic()
            running.send_signal(signal.SIGINT)
            self.seen += running.stderr.read()
        self.assertEqual(running.returncode, 130, self.seen)
        self.assertIn("cancelled", self.seen)
        self.assertLess(time.monotonic() - began, 8, "before the host would end the worker")

    def test_no_failure_repeats_it(self):
        self.write_config()
        for word in ("!fails", "!no-text", "!crashes"):
            self.tenfold("run", "-m", MODEL, word, code=1)
        self.assertIn("(hidden)", self.seen, "the stand-in printed it as it crashed")
        self.tenfold("engines", "picollm")
        self.tenfold("engines", "--json")
        self.tenfold("inspect", MODEL, "--json")
        self.tenfold("score", "-m", MODEL, "one two three")
        self.tenfold("bench", "-m", MODEL, "--engine-option", "picollm.access_key", code=2)

    def test_each_refusal_says_what_to_do(self):
        for status, words in ((8, "connect this machine to the internet"), (9, "quota is used up"), (10, "wait some minutes"),
                              (11, "copy it again")):
            said = self.tenfold("run", "-m", MODEL, "--engine-option", self.key_file(f"status {status} {KEY}"), "Hi",
                                code=1 if status == 8 else 4)
            self.assertIn(words, said)
            self.assertIn("(hidden)", said)

    def test_a_server_shows_it_nowhere(self):
        self.write_config()
        self.serve(self.walk)
        with open(os.path.join(self.home, "server.log"), encoding="utf-8") as log:
            self.assertEqual(log.read().count(NOTICE), 1)

    def test_a_server_with_a_file_of_keys_leaves_no_core(self):
        path = os.path.join(self.home, "key")
        with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            json.dump([{"name": "me", "key": KEY, "rights": ["answer"]}], file)
        self.serve(lambda ask: self.assertFalse(self.leaves_core(self.server)), "--api-key-file", path)

    def test_one_that_the_page_stores_is_private_and_used(self):
        def store(ask):
            ask("PATCH", "/api/v1/settings", {"engine_option": ["picollm.access_key=" + KEY]})
            self.assertIn("(set)", ask("GET", "/api/v1/settings"))

        self.serve(store)
        self.assertEqual(os.stat(os.path.join(self.home, "config/config.json")).st_mode & 0o777, 0o600)
        self.tenfold("run", "-m", MODEL, "--temperature", "0", "Hi")

    def test_a_context_goes_on_with_the_next_run(self):
        folder = os.path.join(self.home, "context")
        options = ("--engine-option", "picollm.context_caching=true", "--engine-option", "picollm.context_folder=" + folder,
                   "--engine-option", self.key_file())
        ask = ("run", "-m", MODEL, "--temperature", "0", *options, "Tell me of the sea !counts")
        self.assertRegex(self.tenfold(*ask).splitlines()[-1], "^[1-9][0-9]*-read ")
        self.assertRegex(self.tenfold(*ask).splitlines()[-1], "^0-read ")
        [kept] = os.listdir(folder)
        os.remove(os.path.join(folder, kept))

        def served(ask):
            return json.loads(ask("POST", "/v1/completions", {"model": MODEL, "prompt": "Tell me !counts", "temperature": 0}))

        for read in ("[1-9]-read ", "0-read "):
            self.serve(lambda ask, read=read: self.assertRegex(served(ask)["choices"][0]["text"], read), *options)
        self.assertEqual(os.listdir(folder), [kept])
        with open(os.path.join(folder, kept), "w", encoding="utf-8") as file:
            file.write("damaged")
        said = self.tenfold(*ask, code=1)
        self.assertIn(kept, said)
        self.assertIn("delete it", said)

    def serve(self, use, *options):
        with open(os.path.join(self.home, "server.log"), "w", encoding="utf-8") as log, subprocess.Popen(
                [TENFOLD, "serve", "--port", "0", "--model", MODEL, *options], env=self.environment(), cwd=self.home, text=True,
                stdout=subprocess.PIPE, stderr=log, preexec_fn=allow_cores) as server:
            try:
                address = server.stdout.readline().split()[-1]
                self.server = server.pid
                use(lambda *asked: self.ask(address, *asked))
            finally:
                server.terminate()

    def ask(self, address, method, path, content=None):
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(address + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                text = reply.read().decode()
        except urllib.error.HTTPError as error:
            text = error.read().decode()
        self.seen += text
        return text

    def of_process(self, process, name):
        """The content of a file in /proc; empty if the process has ended."""
        try:
            with open(f"/proc/{process}/{name}", "rb") as file:
                return file.read()
        except OSError:
            return b""

    def leaves_core(self, process):
        most = re.search(rb"Max core file size +(\S+)", self.of_process(process, "limits"))
        return most is not None and most[1] not in (b"0", b"1")

    def workers(self):
        def is_ours(process):
            parent = re.search(rb"^PPid:\s+([0-9]+)$", self.of_process(process, "status"), re.MULTILINE)
            return parent is not None and int(parent[1]) == self.server

        children = [process for process in os.listdir("/proc") if process.isdigit() and is_ours(process)]
        return [child for child in children if self.of_process(child, "cmdline").startswith(ENGINES.encode())]

    def walk(self, ask):
        chat = {"model": MODEL, "messages": [{"role": "user", "content": "Hi"}], "temperature": 0}
        self.assertIn('"finish_reason":"stop"', ask("POST", "/v1/chat/completions", chat))
        self.assertIn("(set)", ask("GET", "/api/v1/settings"))
        for path in ("/api/v1/engines", "/api/v1/status", "/api/v1/models", "/health", "/metrics"):
            ask("GET", path)
        # As `ps` has it, of the server, its worker and everybody else.
        for process in filter(str.isdigit, os.listdir("/proc")):
            for name in ("cmdline", "comm"):
                self.assertNotIn(KEY.encode(), self.of_process(process, name))
        self.assertTrue(self.workers(), "the worker runs")
        self.assertFalse(self.leaves_core(self.server))
        # One that was only just started, to be asked what it can do, knows no key yet.
        end = time.monotonic() + 30
        while leaving := [worker for worker in self.workers() if self.leaves_core(worker)]:
            self.assertLess(time.monotonic(), end, leaving)
            time.sleep(0.05)
        chat["messages"][0]["content"] = "!crashes"
        self.assertIn("(hidden)", ask("POST", "/v1/chat/completions", chat))
        self.assertIn("error", ask("POST", "/v1/chat/completions", dict(chat, top_k=3)))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
