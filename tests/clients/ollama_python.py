#!/usr/bin/env python3
"""The official `ollama` Python package against a running `tenfold serve`: ollama_python.py URL MODEL"""
import json

import ollama

from checks import QUESTION, SCHEMA, arguments, check, expect_error


def temperature_of(city: str) -> str:
    """The temperature in a city.

    Args:
      city: its name
    """
    return f"7 degrees in {city}"


url, model = arguments()
client = ollama.Client(host=url)
greedy = {"temperature": 0, "num_predict": 16, "seed": 1}
question = [{"role": "user", "content": QUESTION}]

# Chat, whole and streamed: the same text.
whole = client.chat(model=model, messages=question, options=greedy)
check(whole.done and "Paris" in whole.message.content, f"the answer is {whole.message.content}")
check(whole.eval_count > 0 and whole.prompt_eval_count > 0, "no counts")
check(whole.total_duration >= whole.eval_duration > 0, "no durations")
pieces = list(client.chat(model=model, messages=question, options=greedy, stream=True))
check("".join(piece.message.content for piece in pieces) == whole.message.content, "the stream differs")
check([piece.done for piece in pieces].count(True) == 1 and pieces[-1].done, "no end of the stream")

# Generate, with a system message, raw, stop strings and log-probabilities.
text = client.generate(model=model, prompt="Hi", system="Be brief.", options=greedy)
check(text.response and text.done_reason in ("stop", "length"), "no generated text")
raw = client.generate(model=model, prompt="1 2 3 4", raw=True, options=greedy)
check(raw.prompt_eval_count < text.prompt_eval_count, "the raw prompt went through the template")
first = whole.message.content[:4]
stopped = client.chat(model=model, messages=question, options=greedy | {"stop": [first]})
check(first not in stopped.message.content, "the stop string is in the answer")
likely = client.generate(model=model, prompt="Hi", options=greedy | {"num_predict": 2}, logprobs=True, top_logprobs=3)
check(len(likely.logprobs) == 2 and len(likely.logprobs[0].top_logprobs) == 3, "no log-probabilities")

# JSON by a schema.
answer = client.chat(model=model, messages=question, format=SCHEMA, options={"temperature": 0, "num_predict": 64})
check(json.loads(answer.message.content)["country"] == "France", "no JSON by the schema")

# Tools: a call that was made and its result are part of a conversation.
talk = question + [
    {"role": "assistant", "tool_calls": [{"function": {"name": "temperature_of", "arguments": {"city": "Oslo"}}}]},
    {"role": "tool", "tool_name": "temperature_of", "content": temperature_of("Oslo")},
]
answered = client.chat(model=model, messages=talk, tools=[temperature_of], options=greedy)
check(answered.done, "no answer to a result")

# Embeddings.
vectors = client.embed(model=model, input=["one", "two"])
check(len(vectors.embeddings) == 2 and vectors.prompt_eval_count > 0, "no vectors")
check(abs(sum(x * x for x in vectors.embeddings[0]) - 1) < 1e-3, "the vector's norm is not 1")
check(client.embeddings(model=model, prompt="one").embedding[:3] == vectors.embeddings[0][:3], "the vectors differ")

# The store and what is loaded.
check(model in [entry.model for entry in client.list().models], "the model is not listed")
shown = client.show(model)
check(shown.details.format and shown.modelinfo and "completion" in shown.capabilities, "nothing is shown")
check(model in [entry.model for entry in client.ps().models], "the model is not running")
check([line.status for line in client.pull(model, stream=True)][-1] == "success", "the pull fails")
check(client.generate(model=model, keep_alive=0).done_reason == "unload", "the model is not unloaded")

# Errors have their status and name the field.
expect_error(ollama.ResponseError, "nobody", lambda: client.chat(model="nobody", messages=question))
expect_error(ollama.ResponseError, "mirostat", lambda: client.chat(model=model, messages=question, options={"mirostat": 1}))
expect_error(ollama.ResponseError, "think", lambda: client.chat(model=model, messages=question, think="very"))
expect_error(ollama.ResponseError, "suffix", lambda: client.generate(model=model, prompt="a", suffix="b"))
expect_error(ollama.ResponseError, "status code: 404", lambda: client.delete("nobody"))
expect_error(ollama.ResponseError, "nobody", lambda: list(client.pull("nobody", stream=True)))
print(f"ollama-python: {model} ok")
