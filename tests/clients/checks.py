"""What the tests of all Python clients share."""
import sys

QUESTION = "What is the capital of France?"
SCHEMA = {
    "type": "object",
    "properties": {"name": {"enum": ["Paris", "Lyon"]}, "country": {"enum": ["France"]}},
    "required": ["name", "country"],
    "additionalProperties": False,
}
CITY = {
    "type": "object",
    "properties": {"city": {"enum": ["Paris", "Lyon"]}},
    "required": ["city"],
    "additionalProperties": False,
}


def arguments():
    """URL (without a path) and MODEL."""
    if len(sys.argv) != 3:
        sys.exit(f"usage: {sys.argv[0]} URL MODEL")
    return sys.argv[1].rstrip("/"), sys.argv[2]


def check(condition, what):
    if not condition:
        sys.exit(f"{sys.argv[0]}: {what}")


def expect_error(kind, word, call):
    """The call fails with this class of the client's errors, and the message names the word."""
    try:
        call()
    except kind as error:
        check(word in str(error), f"the error does not name {word}: {error}")
        return
    sys.exit(f"{sys.argv[0]}: no {kind.__name__} that names {word}")
