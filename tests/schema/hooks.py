"""Random names of models reach only "there is no such model"; half of the requests name the one there is, and none deletes it. Benchmarks, which
have the machine to themselves, are short."""
import random

import schemathesis

MODEL = "tiny"


def counts(value):
    return isinstance(value, list) and value and all(type(one) is int and one > 0 for one in value)


@schemathesis.hook
def map_body(context, body):
    if not isinstance(body, dict) or context.operation.method.upper() != "POST":
        return body
    if isinstance(body.get("model"), str) and random.Random(repr(body)).random() < 0.5:
        body = {**body, "model": MODEL}
    if context.operation.path == "/api/v1/benchmarks":
        short = {"prompt_tokens": [8], "generate_tokens": [4]}
        body = {**body, **{field: value for field, value in short.items() if field not in body or counts(body[field])}}
    return body


@schemathesis.hook
def filter_case(context, case):
    deletes = case.method.upper() == "DELETE"
    in_body = isinstance(case.body, dict) and MODEL in (case.body.get("model"), case.body.get("name"))
    return not (deletes and (case.path_parameters.get("model") == MODEL or in_body))
