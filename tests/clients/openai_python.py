#!/usr/bin/env python3
"""The official `openai` Python package against a running `tenfold serve`: openai_python.py URL MODEL"""
import json

import openai

from checks import CITY, QUESTION, SCHEMA, arguments, check, expect_error

url, model = arguments()
client = openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)
messages = [{"role": "user", "content": QUESTION}]
greedy = {"model": model, "temperature": 0, "seed": 1}
chat = client.chat.completions
tool = {"type": "function", "function": {"name": "weather", "description": "Tells the weather.", "parameters": CITY}}

# Chat, whole and streamed: the same text.
whole = chat.create(**greedy, messages=messages, max_completion_tokens=24, logprobs=True, top_logprobs=2)
check("Paris" in whole.choices[0].message.content, f"the answer is {whole.choices[0].message.content}")
check(whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens, "the usage differs")
check(len(whole.choices[0].logprobs.content[0].top_logprobs) == 2, "no log-probabilities")
chunks = list(chat.create(**greedy, messages=messages, max_completion_tokens=24, stream=True,
                          stream_options={"include_usage": True}))
text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
check(text == whole.choices[0].message.content, f"the stream differs: {text}")
check(chunks[-1].usage.completion_tokens == whole.usage.completion_tokens, "the stream's usage differs")
two = chat.create(**greedy, messages=messages, max_tokens=4, n=2, stop=["France"])
check(len(two.choices) == 2 and "France" not in two.choices[0].message.content, "n or stop")

# JSON by a schema.
answer = chat.create(**greedy, messages=messages, response_format={
    "type": "json_schema", "json_schema": {"name": "city", "strict": True, "schema": SCHEMA}})
check(json.loads(answer.choices[0].message.content)["country"] == "France", "no JSON by the schema")

# Tools: a call, its result, and an answer to it; the same call in a stream.
asked = chat.create(**greedy, messages=messages, tools=[tool], tool_choice="required", parallel_tool_calls=False)
check(asked.choices[0].finish_reason == "tool_calls", f"no call: {asked.choices[0]}")
call = asked.choices[0].message.tool_calls[0]
check(call.function.name == "weather" and "city" in json.loads(call.function.arguments), f"the call is {call}")
talk = messages + [asked.choices[0].message.model_dump(exclude_none=True),
                   {"role": "tool", "tool_call_id": call.id, "content": "7 degrees"}]
check(chat.create(**greedy, messages=talk, tools=[tool], tool_choice="none", max_tokens=8).choices[0].message.content,
      "no answer to a result")
calls = [entry for chunk in chat.create(**greedy, messages=messages, tools=[tool], tool_choice="required",
                                        parallel_tool_calls=False, stream=True)
         if chunk.choices for entry in chunk.choices[0].delta.tool_calls or []]
check("".join(entry.function.arguments for entry in calls) == call.function.arguments, "the streamed call differs")

# Text completions.
prompts = client.completions.create(**greedy, prompt=["1 2 3 4", "a b c d"], max_tokens=4, logprobs=2)
check([choice.index for choice in prompts.choices] == [0, 1], "not an answer for each prompt")
check(len(prompts.choices[0].logprobs.tokens) == len(prompts.choices[0].logprobs.text_offset) > 0, "no logprobs")
pieces = client.completions.create(**greedy, prompt="1 2 3 4", max_tokens=4, stream=True)
check("".join(piece.choices[0].text for piece in pieces if piece.choices) == prompts.choices[0].text, "the stream differs")

# Responses, whole and streamed.
response = client.responses.create(model=model, input=QUESTION, instructions="Be brief.", temperature=0,
                                   max_output_tokens=24)
check("Paris" in response.output_text and response.status == "completed", f"the response is {response}")
events = list(client.responses.create(model=model, input=QUESTION, instructions="Be brief.", temperature=0,
                                      max_output_tokens=24, stream=True))
check([event.sequence_number for event in events] == list(range(len(events))), "the events are not numbered")
check("".join(event.delta for event in events if event.type == "response.output_text.delta") == response.output_text,
      "the stream differs")
check(events[-1].type == "response.completed" and events[-1].response.output_text == response.output_text, "no end")
with client.responses.stream(model=model, input=QUESTION, temperature=0, max_output_tokens=24) as stream:
    check(stream.get_final_response().output_text, "the stream helper finds no text")
formatted = client.responses.create(model=model, input=QUESTION, temperature=0, text={
    "format": {"type": "json_schema", "name": "city", "strict": True, "schema": SCHEMA}})
check(json.loads(formatted.output_text)["country"] == "France", "no JSON by the schema")
flat = {"type": "function", "name": "weather", "parameters": CITY, "strict": True}
turn = client.responses.create(model=model, input=QUESTION, temperature=0, tools=[flat], tool_choice="required",
                               parallel_tool_calls=False)
called = turn.output[-1]
check(called.type == "function_call" and "city" in json.loads(called.arguments), f"the call is {called}")
items = [{"role": "user", "content": QUESTION}] + [item.model_dump(exclude_none=True) for item in turn.output] + [
    {"type": "function_call_output", "call_id": called.call_id, "output": "7 degrees"}]
check(client.responses.create(model=model, input=items, tools=[flat], tool_choice="none", max_output_tokens=8).output_text,
      "no answer to a result")

# Embeddings: the client asks for base64 unless told otherwise.
vectors = client.embeddings.create(model=model, input=["one", "two"])
check(len(vectors.data) == 2 and vectors.usage.prompt_tokens > 0, "no vectors")
check(abs(sum(x * x for x in vectors.data[0].embedding) - 1) < 1e-3, "the vector's norm is not 1")
numbers = client.embeddings.create(model=model, input="one", encoding_format="float").data[0].embedding
check(max(abs(a - b) for a, b in zip(numbers, vectors.data[0].embedding)) < 1e-3, "the encodings differ")

# Models.
check(model in [entry.id for entry in client.models.list()], "the model is not listed")
check(client.models.retrieve(model).id == model, "the model is not found")

# Errors have their class and name the field.
expect_error(openai.NotFoundError, "nobody", lambda: chat.create(model="nobody", messages=messages))
expect_error(openai.BadRequestError, "temperature", lambda: chat.create(model=model, messages=messages, temperature=-1))
expect_error(openai.BadRequestError, "audio", lambda: chat.create(model=model, messages=messages, audio={"voice": "x", "format": "wav"}))
expect_error(openai.BadRequestError, "context", lambda: chat.create(model=model, messages=[{"role": "user", "content": "one " * 40000}]))
expect_error(openai.BadRequestError, "echo", lambda: client.completions.create(model=model, prompt="a", echo=True))
expect_error(openai.BadRequestError, "store", lambda: client.responses.create(model=model, input="a", store=True))
expect_error(openai.BadRequestError, "dimensions", lambda: client.embeddings.create(model=model, input="a", dimensions=3))
print(f"openai-python: {model} ok")
