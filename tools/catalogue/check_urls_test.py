#!/usr/bin/env python3
"""Runs check_urls.py against a small hub on loopback: python3 tools/catalogue/check_urls_test.py"""
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest

PROGRAM = pathlib.Path(__file__).parent / "check_urls.py"
DIGEST = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
LISTING = {"sha": "1", "gated": False, "siblings": [
    {"rfilename": "README.md", "size": 3},
    {"rfilename": "m-Q4_0.gguf", "size": 9, "lfs": {"sha256": DIGEST}}]}


class Hub(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/api/models/o/m/revision/main?blobs=true":
            return self.reply(200, json.dumps(LISTING).encode(), "application/json")
        return self.reply(403 if "gated" in self.path else 404)

    def do_HEAD(self):
        if self.path == "/file":  # as the hub does: a redirect that carries size and digest
            self.send_response(302)
            self.send_header("Location", "/storage")
            self.send_header("X-Linked-Size", "9")
            self.send_header("X-Linked-ETag", f'"{DIGEST}"')
            return self.end_headers()
        if self.path == "/storage":
            return self.reply(200, b"123456789", "application/octet-stream")
        if self.path == "/page":
            return self.reply(200, b"<html>", "text/html")
        return self.reply(404)

    def reply(self, status, body=b"", kind="text/plain"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class CheckUrls(unittest.TestCase):
    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.base = f"http://127.0.0.1:{self.server.server_port}"

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()

    def check(self, **model):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"models": [{"name": "a", **model}]}, file)
            file.flush()
            run = subprocess.run([sys.executable, PROGRAM, "--catalogue", file.name],
                                 env={**os.environ, "HF_ENDPOINT": self.base, "no_proxy": "*"},
                                 capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(run.returncode, 1 if "WRONG" in run.stdout else 0, run.stderr)
        return run.stdout

    def hub(self, **model):
        return self.check(source={"kind": "hf", "repo": "o/m", "select": "Q4_0"}, **model)

    def file(self, path, **file):
        return self.check(source={"kind": "https", "files": [{"url": self.base + path, **file}]})

    def test_repository(self):
        self.assertIn("ok    a", self.hub(bytes=9, sha256=DIGEST))
        self.assertIn("has 9 bytes, not 8", self.hub(bytes=8))
        self.assertIn("has SHA-256", self.hub(sha256="0" * 64))
        self.assertIn("gated is False", self.hub(gated=True))
        absent = self.check(source={"kind": "hf", "repo": "o/m", "select": "Q8_0"})
        self.assertIn("holds nothing like Q8_0", absent)
        self.assertIn("HTTP 404", self.check(source={"kind": "hf", "repo": "o/none"}))
        gated = self.check(source={"kind": "hf", "repo": "o/gated"}, gated=True)
        self.assertIn("ok    a", gated)

    def test_files(self):
        self.assertIn("ok    a", self.file("/file", bytes=9, sha256=DIGEST))
        self.assertIn("has 9 bytes, not 8", self.file("/file", bytes=8))
        self.assertIn("has SHA-256", self.file("/file", sha256="0" * 64))
        self.assertIn("is a web page", self.file("/page"))
        self.assertIn("HTTP 404", self.file("/none"))

    def test_homepage(self):
        wrong = self.check(homepage=self.base + "/none", source={"kind": "system", "why": "-"})
        self.assertIn("HTTP 404", wrong)


if __name__ == "__main__":
    unittest.main()
