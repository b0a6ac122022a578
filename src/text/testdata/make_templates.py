"""Writes templates/cases.json: what Jinja with the settings of Hugging Face's transformers makes of
the templates. Needs the PyPI package `jinja2` 3.1."""
import json
import pathlib

from jinja2 import nodes
from jinja2.exceptions import TemplateError
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

FOLDER = pathlib.Path(__file__).parent / "templates"


class Generation(Extension):
    """{% generation %} renders its body."""
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.If(nodes.Const(True), body, [], []).set_lineno(line)


def raise_exception(message):
    raise TemplateError(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators,
                      sort_keys=sort_keys)


environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True,
                                            extensions=[Generation, loopcontrols])
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = raise_exception


def turn(role, content):
    return {"role": role, "content": content}


SYSTEM = turn("system", " Be brief. ")
USER = turn("user", "Hi {{ 'there' }}! 日本 😀 ")
ANSWER = turn("assistant", "<think>\nHm.\n</think>\n\nHello\nthere. ")
TOOL = turn("tool", '{"sum": 4}')
CONVERSATIONS = [
    [USER], [SYSTEM, USER], [USER, ANSWER, USER], [SYSTEM, USER, ANSWER, USER, ANSWER, USER],
    [USER, ANSWER, TOOL, TOOL, USER], [USER, USER], [turn("user", "")], [turn("robot", "x")],
]

cases = []
for path in sorted(FOLDER.glob("*.jinja")):
    template = environment.from_string(path.read_text())
    for messages in CONVERSATIONS:
        for generate in (True, False):
            case = {"template": path.name, "messages": messages, "add_generation_prompt": generate}
            try:
                case["text"] = template.render(
                    messages=messages, tools=None, documents=None, add_generation_prompt=generate,
                    bos_token="<bos>", eos_token="<eos>")
            except TemplateError as error:
                case["refusal"] = str(error)
            cases.append(case)
lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
(FOLDER / "cases.json").write_text("[\n" + lines + "\n]\n")
