#!/usr/bin/env python3
"""The examples do what they say: examples_test.py PROGRAMS_FOLDER ENGINE MODEL

What a model writes is not looked at, only what no model can change.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

PROGRAMS, ENGINE, MODEL = sys.argv[1:4]
IS_APPLE = ENGINE == "apple_foundation"


def goes_on(before, after):
    """Whether a value has grown from another: fields, items and letters are added, never changed."""
    if isinstance(before, dict):
        return list(before) == list(after)[:len(before)] and all(goes_on(value, after[key]) for key, value in before.items())
    if isinstance(before, list):
        return len(before) <= len(after) and all(map(goes_on, before, after))
    return after.startswith(before) if isinstance(before, str) else before == after


class ExamplesTest(unittest.TestCase):
    def example(self, name, *arguments, code=0):
        with tempfile.TemporaryDirectory(prefix="tenfold-examples-") as home:
            end = subprocess.run([os.path.join(PROGRAMS, "example_" + name), *(arguments or (ENGINE, MODEL))], text=True,
                                 env=dict(os.environ, TENFOLD_HOME=home), stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, check=False)
        self.assertEqual(end.returncode, code, end.stdout + end.stderr)
        return end.stdout if code == 0 else end.stderr

    def test_streaming(self):
        said = self.example("streaming")
        whole, begun = re.findall(r"^\[(\w+): (\d+) tokens", said, re.MULTILINE)
        self.assertIn(whole[0], ("stop", "length", "repetition"))
        # A short answer can have ended in its worker before the word to stop came there.
        self.assertIn(begun[0], ("cancelled", whole[0]))
        self.assertLessEqual(int(begun[1]), int(whole[1]))

    def test_structured(self):
        text, sentence = self.example("structured").splitlines()
        city = json.loads(text)
        self.assertEqual(list(city), ["country", "capital", "rivers", "is_large"])
        self.assertIn(city["capital"], ("Berlin", "Paris", "Rome"))
        self.assertIn(city["country"], ("France", "Germany", "Italy"))
        self.assertIs(type(city["is_large"]), bool)
        self.assertIn(len(city["rivers"]), (1, 2))
        self.assertEqual(sentence, f"{city['capital']} is the capital of {city['country']}")

    def test_growing_object(self):
        lines = [json.loads(line) for line in self.example("growing_object").splitlines()]
        for before, after in zip(lines, lines[1:]):
            self.assertTrue(goes_on(before, after), f"{before} then {after}")
        last = lines[-1]
        self.assertEqual(list(last), ["title", "steps", "minutes"])
        if not IS_APPLE:  # its objects come whole
            self.assertRegex(last["title"], "^[A-Za-z ]{4,24}$")
            self.assertGreater(len(lines), 4)

    def test_tools(self):
        said = self.example("tools")
        call = re.search(r"^call: weather (.*)$", said, re.MULTILINE)
        self.assertIn(json.loads(call[1])["city"], ("Berlin", "Paris", "Rome"))
        self.assertIn('\nresult: {"degrees": 21', said)
        self.assertRegex(said, "\nanswer: ")

    def test_refusal(self):
        self.assertRegex(self.example("refusal"), "^(answered|refused by the model): .+\n$")
        if not IS_APPLE:
            self.assertIn("cut off", self.example("refusal", ENGINE, MODEL, "a b c d " * 240, code=1))
        if IS_APPLE:
            said = self.example("refusal", ENGINE, MODEL, "!status=9")
            self.assertRegex(said, "^refused by rules: .*refuses")

    def test_errors_say_what_to_do(self):
        said = self.example("structured", ENGINE, "no-such-model", code=1)
        self.assertRegex(said, "^not_found: .*no-such-model.*\nhint: .+")
        self.assertIn("usage:", self.example("structured", "one-word", code=2))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
