"""Random names of models reach only "there is no such model"; half of the requests name the one there is."""
import random

import schemathesis

MODEL = "tiny"


@schemathesis.hook
def map_body(context, body):
    named = isinstance(body, dict) and isinstance(body.get("model"), str)
    if named and context.operation.method.upper() == "POST" and random.Random(repr(body)).random() < 0.5:
        return {**body, "model": MODEL}
    return body
