#!/usr/bin/env python3
"""Makes small twins of the catalogue's models in their publishers' forms, and runs them in Tenfold.

Usage: twins.py --tenfold PROGRAM --quantize PROGRAM [--only RECIPE]… [--out FOLDER] [--python NAME=PROGRAM]…

For each recipe (recipes.py): a small model of the family that knows three answers by heart (base_model.py), the publisher's
exporter, `tenfold inspect`, and `tenfold run` of the three questions with temperature 0. A twin "runs" if that ends well, "answers"
if the text is the taught one, and its "ids" are equal if prompt and answer have the ids that transformers gives in f32. What comes
out is added to results.json; table.py makes docs/catalogue.md and the marks of the catalogue of it.

Exporters run in virtual environments of the cache, made when first needed (all_from_hf.py), or in one that is there already:
--python gguf=/path/to/python, by the first word of its last requirements file."""

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "export"))
import all_from_hf  # noqa: E402
from families import FAMILIES  # noqa: E402
from recipes import GGUF, RECIPES  # noqa: E402

RESULTS = HERE / "results.json"


class Unmade(Exception):
    """An exporter failed."""


class Twins:
    """Makes and runs."""

    def __init__(self, options):
        self.options, self.pythons = options, dict(word.split("=", 1) for word in options.python)

    def python(self, packages):
        """Of the environment for requirements files."""
        name = packages[-1].removesuffix("-requirements.txt")
        return self.pythons.get(name) or str(all_from_hf.environment(packages, torch=True))

    def base(self, family):
        """The folder of a family's small model."""
        return self.options.out / "base" / family

    def make_bases(self, recipes):
        """All that are missing."""
        missing = {recipe.family for recipe in recipes if not (self.base(recipe.family) / "reference.json").exists()}
        if missing:
            subprocess.run([self.python(GGUF), HERE / "base_model.py", self.options.out / "base", *sorted(missing)], check=True)

    def make(self, recipe):
        """What Tenfold is given."""
        out = self.options.out / recipe.name
        result = out / recipe.result
        if not result.exists():
            out.mkdir(parents=True, exist_ok=True)
            words = [word.format(base=self.base(recipe.family), out=out, quantize=self.options.quantize)
                     for word in recipe.command.split()]
            if words[0].endswith(".py"):
                words[0] = str(HERE.parent / words[0])
            ended = subprocess.run([self.python(recipe.packages), *words], capture_output=True, text=True, check=False)
            if ended.returncode != 0 or not result.exists():
                raise Unmade(f"the exporter ended with {ended.returncode}: {ended.stderr.strip()[-1500:]}")
        return result

    def tenfold(self, *words, home=None):
        """The program's answer as JSON: what it printed, or its error. Without a home, it starts with an empty one."""
        if home is None:
            with tempfile.TemporaryDirectory() as fresh:
                return self.tenfold(*words, home=fresh)
        ended = subprocess.run([self.options.tenfold, *words, "--json"], capture_output=True, text=True, check=False,
                               env={**os.environ, "TENFOLD_HOME": str(home)})
        return json.loads(ended.stdout or ended.stderr)

    def compile(self, result):
        """The home with the compiled model, and what went wrong. The compiler is fetched once."""
        home = (self.options.out / "home").resolve()
        for words in (("engines", "add", "mlc", "--compiler"), ("compile", result)):
            answer = self.tenfold(*words, home=home)
            if "error" in answer:
                return home, answer["error"]
        return home, None

    def run(self, recipe):
        """The row of results.json."""
        result = self.make(recipe)
        row = {"day": datetime.date.today().isoformat(), "runs": False, "answers": False, "ids": False}
        seen = self.tenfold("inspect", result)
        if "error" in seen:
            return {**row, "why": told(seen["error"], result)}
        cases = json.loads((self.base(recipe.family) / "reference.json").read_text(encoding="utf-8"))
        context = str(min(FAMILIES[recipe.family].context, seen["trained_context"] or 0))
        home, error = self.compile(result) if recipe.compiled else (None, None)
        if error:
            return {**row, "why": told(error, result)}
        answers = [self.tenfold("run", "-m", result, "--ctx", context, "--temperature", "0", "--max-tokens", "60", case["question"],
                                home=home) for case in cases]
        for answer in answers:
            if "error" in answer:
                return {**row, "why": told(answer["error"], result)}
        row["runs"] = True
        row["answers"] = all(answer["text"].strip() == case["answer"] for answer, case in zip(answers, cases))
        row["ids"] = all(answer["usage"]["prompt_tokens"] == len(case["prompt_ids"])
                         and answer["tokens"] in (case["ids"], case["ids"][:-1]) for answer, case in zip(answers, cases))
        row["engine"] = f"{answers[0]['engine']} {answers[0]['engine_version']}"
        if not row["answers"]:
            print("  said:", [answer["text"] for answer in answers])
        elif not row["ids"]:
            print("  ids:", [(answer["tokens"], answer["usage"]["prompt_tokens"]) for answer in answers])
        return row


def told(error, result):
    """An error as a clause, without the place of the file."""
    message = error["message"]
    for place in (result, result.parent):
        message = message.replace(f"{place}: ", "").replace(str(place), "the file")
    return message


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tenfold", required=True, type=Path)
    parser.add_argument("--quantize", required=True)
    parser.add_argument("--only", action="append", default=[], metavar="RECIPE")
    parser.add_argument("--out", type=Path, default=all_from_hf.CACHE / "twins")
    parser.add_argument("--python", action="append", default=[], metavar="NAME=PROGRAM")
    options = parser.parse_args()
    twins, failed = Twins(options), []
    chosen = [recipe for recipe in RECIPES if not options.only or recipe.name in options.only]
    twins.make_bases(chosen)
    for recipe in chosen:
        try:
            row = twins.run(recipe)
        except Unmade as error:
            print(f"{recipe.name}: not made: {error}", flush=True)
            failed.append(recipe.name)
            continue
        results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
        results[recipe.name] = row
        RESULTS.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        print(f"{recipe.name}: {row}", flush=True)
    if failed:
        sys.exit(f"not made: {', '.join(failed)}")


if __name__ == "__main__":
    main()
