#!/usr/bin/env python3
"""The API of the page on the real server: app_test.py TENFOLD MODEL.gguf"""
import json
import shutil
import signal
import sys
import tempfile
import time
import unittest
import urllib.error

from server import Server

TENFOLD, MODEL = sys.argv[1], sys.argv[2]


class AppTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.mkdtemp(prefix="tenfold-app-")
        cls.server = Server(TENFOLD, cls.home)
        cls.server.ask("POST", "/api/v1/models", {"path": MODEL, "name": "tiny"})

    @classmethod
    def tearDownClass(cls):
        cls.server.end(signal.SIGTERM)
        shutil.rmtree(cls.home)

    def until(self, condition, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = condition()
            if value:
                return value
            time.sleep(0.05)
        self.fail("it did not happen")

    def conversation(self, **settings):
        made = self.server.ask("POST", "/api/v1/conversations", {"settings": settings})
        return f"/api/v1/conversations/{made['id']}"

    def last(self, path):
        return self.server.ask("GET", path)["messages"][-1]

    def test_an_answer_is_followed_by_two(self):
        path = self.conversation(temperature=0, max_tokens=20)
        streams = [self.server.open("GET", path + "/events") for _ in range(2)]
        asked = self.server.ask("POST", path + "/answers", {"content": "What is the capital of France?"})
        texts = []
        for stream in streams:
            text, name = "", ""
            for line in stream:
                line = line.decode().rstrip("\n")
                name = line[7:] if line.startswith("event: ") else name
                if not line.startswith("data: "):
                    continue
                data = json.loads(line[6:])
                if name == "delta":
                    text += data.get("text", "")
                message = data.get("message")
                if name == "message" and message["id"] == asked["answer"]:
                    if message["state"] != "running":
                        break
                    text = message["content"]
            texts.append(text)
            stream.close()
        answer = self.last(path)
        self.assertEqual(answer["state"], "complete")
        self.assertEqual(texts, [answer["content"]] * 2)
        self.assertGreater(answer["usage"]["decode_tokens_per_second"], 0)

    def test_a_server_that_is_killed_loses_less_than_a_second(self):
        path = self.conversation(max_tokens=100000, context_size=8192, stop=[], temperature=2)
        asked = self.server.ask("POST", path + "/answers", {"content": "Go on and on."})
        answer = self.until(lambda: (lambda m: m if m["content"] or m["state"] != "running" else None)(self.last(path)))
        if answer["state"] != "running":
            self.skipTest("the model had little to say")
        time.sleep(1.5)
        seen = self.last(path)
        self.server.end()
        self.server.start()
        kept = self.last(path)
        self.assertNotEqual(kept["state"], "running")
        if seen["state"] == "running" and kept["state"] == "failed":
            self.assertIn("server ended", kept["error"]["message"])
            self.assertTrue(kept["content"])
        going = self.server.ask("POST", path + "/answers", {"continue": asked["answer"]})
        self.assertEqual(going["answer"], asked["answer"])
        self.server.ask("DELETE", f"/api/v1/answers/{asked['answer']}")
        ended = self.until(lambda: (lambda m: m if m["state"] != "running" else None)(self.last(path)))
        self.assertTrue(ended["content"].startswith(kept["content"]))

    def test_the_prompt_has_its_tokens(self):
        path = self.conversation()
        seen = self.server.ask("POST", path + "/prompt", {"content": "Hi there"})
        self.assertEqual("".join(token["text"] or "?" for token in seen["tokens"]).count("Hi"), 1)
        self.assertEqual(seen["prompt_tokens"], len(seen["tokens"]))
        self.assertIn("Hi there", seen["text"])
        self.assertTrue(seen["fits"])
        long = self.server.ask("POST", path + "/prompt", {"content": "word " * 20000, "tokens": False})
        self.assertFalse(long["fits"])
        self.assertIsNone(long["text"])

    def test_a_benchmark_runs(self):
        self.until(lambda: self.server.ask("GET", "/api/v1/status")["running"] == 0)
        run = self.server.ask("POST", "/api/v1/benchmarks", {
            "models": [{"model": "tiny", "engine": "llama_cpp"}, {"model": "tiny", "engine": "mlx"}],
            "prompt_tokens": [16], "generate_tokens": [64], "repetitions": 40})  # long enough to be seen running
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.server.ask("POST", "/v1/chat/completions", {"messages": [{"role": "user", "content": "Hi"}]})
        self.assertEqual(refused.exception.code, 429)
        refused.exception.close()
        path = f"/api/v1/benchmarks/{run['id']}"
        ended = self.until(lambda: (lambda r: r if r["state"] != "running" else None)(self.server.ask("GET", path)))
        self.assertEqual(ended["state"], "done")
        metrics = {metric["name"]: metric["mean"] for metric in ended["rows"][0]["metrics"]}
        self.assertEqual(set(metrics), {"pp16", "ttft16", "tg64", "load", "peak_memory"})
        self.assertTrue(all(value > 0 for value in metrics.values()))
        self.assertEqual(ended["rows"][1]["state"], "failed")
        self.server.ask("DELETE", path)

    def test_models_and_settings(self):
        details = self.server.ask("GET", "/api/v1/models/tiny")
        fits = {engine["name"]: engine for engine in details["engines"]}
        self.assertEqual(len(fits), 10)
        self.assertTrue(fits["llama_cpp"]["can_run"])
        self.assertTrue(fits["mlx"]["reason"])
        self.assertGreater(details["memory_estimate"]["total"], 0)
        self.server.ask("PATCH", "/api/v1/settings", {"max_tokens": 2, "theme": "dark"})
        path = self.conversation(temperature=0)
        self.server.ask("POST", path + "/answers", {"content": "What is the capital of France?"})
        self.until(lambda: self.last(path)["state"] != "running")
        self.assertEqual(self.last(path)["finish_reason"], "length")
        rows = {row["key"]: row for row in self.server.ask("GET", "/api/v1/settings")["settings"]}
        self.assertEqual(rows["max_tokens"]["source"], "config")
        self.assertEqual(rows["theme"]["active"], "dark")
        self.server.ask("PATCH", "/api/v1/settings", {"max_tokens": None, "theme": None})

    def test_the_status_tells_what_happened(self):
        self.server.ask("POST", "/api/v1/load", {"model": "tiny"})
        status = self.server.ask("GET", "/api/v1/status")
        self.assertIn("loaded", [event["kind"] for event in status["events"]])
        self.assertGreater(status["machine"]["memory_total_bytes"], 0)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
