#!/usr/bin/env python3
"""What an earlier version left is opened by this one: earlier_data_test.py TENFOLD MODEL.gguf

home_0_1_0 was written by Tenfold 0.1.0 (commit d5c5876): its command line, its chat, and its server over HTTP. Only the model
itself, which it had copied, is put in place here.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from server import Server

TENFOLD, MODEL = sys.argv[1], sys.argv[2]
HOME = os.path.join(os.path.dirname(os.path.abspath(__file__)), "home_0_1_0")


class EarlierDataTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.mkdtemp(prefix="tenfold-earlier-")
        shutil.copytree(HOME, cls.home, dirs_exist_ok=True)
        shutil.copy(MODEL, os.path.join(cls.home, "data/models/tiny.gguf"))
        cls.server = Server(TENFOLD, cls.home)

    @classmethod
    def tearDownClass(cls):
        cls.server.end(signal.SIGTERM)
        shutil.rmtree(cls.home)

    def run_program(self, *arguments):
        return subprocess.run([TENFOLD, *arguments], env=dict(os.environ, TENFOLD_HOME=self.home), capture_output=True,
                              text=True, check=True).stdout

    def conversation(self, number):
        return self.server.ask("GET", f"/api/v1/conversations/{number}")

    def test_the_model_is_there_and_answers(self):
        models = json.loads(self.run_program("list", "--json"))["models"]
        self.assertEqual([(model["name"], model["format"]) for model in models], [("tiny", "gguf")])
        self.assertEqual(self.run_program("run", "What is the capital of France?").strip(), "The capital of France is Paris.")

    def test_settings_are_in_force(self):
        settings = {one["key"]: one for one in self.server.ask("GET", "/api/v1/settings")["settings"]}
        with open(os.path.join(HOME, "config/config.json"), encoding="utf-8") as file:
            kept = json.load(file)
        for key in ("temperature", "top_k", "top_p", "min_p", "repeat_penalty", "seed", "max_tokens", "stop", "theme"):
            self.assertEqual((settings[key]["source"], settings[key]["value"]), ("config", kept[key]), key)

    def test_conversations_are_whole(self):
        shown = self.server.ask("GET", "/api/v1/conversations")["conversations"]
        self.assertEqual([(one["title"], one["pinned"]) for one in shown],
                         [("Capitals", True), ("What is the capital of France?", False)])
        capitals = self.conversation(2)
        self.assertEqual(capitals["system"], "Answer in one sentence.")
        self.assertEqual(capitals["draft"], "What about Berlin?")
        self.assertEqual(capitals["settings"], {"max_tokens": 30, "seed": 11, "stop": ["###"], "temperature": 0, "top_k": 5})
        self.assertEqual([(one["parent"], one["role"], one["content"], one["state"]) for one in capitals["messages"]][:3],
                         [(None, "user", "What is the capital of France?", "complete"),
                          (3, "assistant", "The capital of France is Paris.", "complete"),
                          (3, "assistant", "Paris.", "complete")])
        self.assertEqual(capitals["messages"][3]["attachments"], [{"name": "note.txt", "text": "A small note."}])
        self.assertEqual(capitals["messages"][1]["usage"]["prompt_tokens"], 24)

    def test_a_deleted_conversation_comes_back(self):
        self.server.ask("POST", "/api/v1/conversations/3/restore")
        tools = self.conversation(3)["settings"]["tools"]
        self.assertEqual([tool["name"] for tool in tools], ["weather"])
        self.server.open("DELETE", "/api/v1/conversations/3").close()

    def test_a_conversation_goes_on(self):
        self.server.ask("POST", "/api/v1/conversations/1/answers", {"content": "What is the capital of Italy?"})
        end = time.monotonic() + 60
        while time.monotonic() < end and self.conversation(1)["messages"][-1]["state"] == "running":
            time.sleep(0.05)
        answer = self.conversation(1)["messages"][-1]
        self.assertEqual((answer["state"], answer["role"]), ("complete", "assistant"))
        self.assertIn("Rome", answer["content"])

    def test_benchmarks_keep_their_figures(self):
        runs = self.server.ask("GET", "/api/v1/benchmarks")["benchmarks"]
        self.assertEqual([(run["state"], run["plan"]["prompt_tokens"]) for run in runs], [("done", [16])])
        self.assertGreater(len(runs[0]["rows"][0]["metrics"]), 0)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
