#!/usr/bin/env python3
"""Writes docs/catalogue.md, and the marks in src/models/catalogue.json, from results.json.

Usage: table.py [--check]      (--check writes nothing and fails if something would change)"""

import argparse
import json
import re
import sys
from pathlib import Path

from recipes import RECIPES, UNMADE

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE, TABLE = ROOT / "src/models/catalogue.json", ROOT / "docs/catalogue.md"
RESULTS = Path(__file__).resolve().with_name("results.json")

HEAD = """# What of the catalogue runs

Most files of the catalogue are gigabytes on a hub. Before anyone downloads one, it should be known that its *form* runs here: architecture,
container, tokenizer, quantization, as its publisher's exporter writes them. So each entry has a twin: a model of the same family, so small that
it's made in seconds, in the same form by the same exporter and options. It has learned three answers by heart.

A twin **runs** if Tenfold answers from it, **answers** if what it says is what it was taught, and its **ids** are equal if the ids of prompt and
answer are those of transformers with the weights before the export, in f32. An entry is *verified* if all three hold. Entries of one recipe
share a twin. `tenfold search`, `tenfold pull`, the page and the API say the same of each entry. A twin says nothing about a publisher's
particular file: whether it was damaged, or was made by other options than those told here.

One exporter is in no registry: MLC-LLM's. Its twins are written by our own scripts, in the format that its sources document and without a
library, which `tenfold compile` makes: they show that this format runs from weights to answer, and not that mlc-ai's program writes it so.

    cmake --build build/release --target tenfold-quantize tenfold
    tools/twins/twins.py --tenfold build/release/bin/tenfold --quantize build/release/bin/tenfold-quantize
    tools/twins/table.py

The second line makes and runs the twins and adds to `tools/twins/results.json`; the third writes this page and the marks in
`src/models/catalogue.json` from that file.

"""


def judged(recipe, row):
    """Cells of a recipe's row, the state of its entries, and their fields in the catalogue."""
    if row is None:
        return ["–"] * 3, "not verified: its twin has not been run", {}
    cells = ["yes" if row[name] else "no" for name in ("runs", "answers", "ids")]
    if row["runs"] and recipe.near:
        return cells, f"not verified: {recipe.near}", {}
    if "no" not in cells:
        return cells, f"verified {row['day']}", {"verified": row["day"]}
    if row["runs"]:
        return cells, f"not verified: its twin answered otherwise on {row['day']}", {}
    return cells, f"{row['why']} ({row['day']})", {"cannot_run": row["why"]}


def marks(results):
    """Entry → recipe, cells of its row, state, and its fields in the catalogue."""
    found = {}
    for recipe in RECIPES:
        for entry in recipe.entries:
            found[entry] = (recipe.name, *judged(recipe, results.get(recipe.name)))
    for unmade in UNMADE:
        for entry in unmade.entries:
            found[entry] = ("none", ["–"] * 3, f"not verified: {unmade.why}", {})
    return found


def table(models, found, results):
    """The text of docs/catalogue.md."""
    lines = ["| entry | recipe | runs | answers | ids | state |", "|---|---|---|---|---|---|"]
    for name in models:
        recipe, cells, state, _ = found[name]
        lines.append(f"| `{name}` | {recipe} | {' | '.join(cells)} | {state} |")
    lines += ["", "## Other forms", "", "What the same exporters make besides, tried in the same way; no entry of the catalogue has it.",
              "", "| recipe | runs | answers | ids | state |", "|---|---|---|---|---|"]
    for recipe in RECIPES:
        if not recipe.entries:
            cells, state, _ = judged(recipe, results.get(recipe.name))
            lines.append(f"| {recipe.name} | {' | '.join(cells)} | {state} |")
    lines += ["", "## Recipes", "", "| recipe | the publisher's exporter and options |", "|---|---|"]
    lines += [f"| {recipe.name} | {recipe.about} |" for recipe in RECIPES]
    return HEAD + "\n".join(lines) + "\n"


def marked(text, found):
    """The catalogue's text with the marks of each entry before its source."""
    text = re.sub(r'      "(verified|cannot_run)": .*\n', "", text)

    def add(match):
        fields = found[match[1]][3]
        lines = "".join(f"      {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)},\n" for key, value in fields.items())
        return match[0].replace('      "source": {', lines + '      "source": {')

    return re.sub(r'      "name": "([^"]+)",\n.*?      "source": \{', add, text, flags=re.DOTALL)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    catalogue = CATALOGUE.read_text(encoding="utf-8")
    models = [model["name"] for model in json.loads(catalogue)["models"]]
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    found = marks(results)
    missing = [name for name in models if name not in found]
    if missing:
        sys.exit(f"no recipe in tools/twins/recipes.py makes {', '.join(missing)}")
    for path, text in ((TABLE, table(models, found, results)), (CATALOGUE, marked(catalogue, found))):
        if options.check and (not path.exists() or path.read_text(encoding="utf-8") != text):
            sys.exit(f"{path.relative_to(ROOT)} is not what results.json says: run tools/twins/table.py")
        if not options.check:
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
