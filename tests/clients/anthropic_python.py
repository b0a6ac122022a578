#!/usr/bin/env python3
"""The official `anthropic` Python package against a running `tenfold serve`: anthropic_python.py URL MODEL"""
import json

import anthropic

from checks import CITY, QUESTION, SCHEMA, arguments, check, expect_error

url, model = arguments()
client = anthropic.Anthropic(base_url=url, api_key="none", max_retries=0)
question = {"role": "user", "content": QUESTION}
# The package has dropped the sampling fields, which the API still has.
greedy = {"model": model, "extra_body": {"temperature": 0}}
create = client.messages.create

# Chat, whole and streamed: the same text.
whole = create(**greedy, max_tokens=24, system="Be brief.", messages=[question])
check(whole.content[0].type == "text" and "Paris" in whole.content[0].text, f"the answer is {whole.content}")
check(whole.stop_reason == "end_turn", f"the answer stopped for {whole.stop_reason}")
with client.messages.stream(**greedy, max_tokens=24, system="Be brief.", messages=[question]) as stream:
    text = "".join(stream.text_stream)
    last = stream.get_final_message()
check(text == whole.content[0].text == last.content[0].text, f"the stream differs: {text}")
check(last.usage.output_tokens == whole.usage.output_tokens, "the stream's usage differs")
count = client.messages.count_tokens(model=model, system="Be brief.", messages=[question]).input_tokens
check(count == last.usage.input_tokens + last.usage.cache_read_input_tokens, f"{count} tokens were counted")
kinds = [event.type for event in create(**greedy, max_tokens=4, messages=[question], stream=True)]
check(kinds[0] == "message_start" and kinds[-2:] == ["message_delta", "message_stop"], f"the events are {kinds}")
cut = create(**greedy, max_tokens=2, messages=[question])
check(cut.stop_reason == "max_tokens" and cut.usage.output_tokens == 2, "max_tokens")
stopped = create(**greedy, max_tokens=24, messages=[question], stop_sequences=["France"])
check(stopped.stop_reason == "stop_sequence" and stopped.stop_sequence == "France", "stop_sequences")
prefill = create(**greedy, max_tokens=8, messages=[question, {"role": "assistant", "content": "The capital is"}])
check("Paris" in prefill.content[0].text, f"the answer goes on with {prefill.content}")

# JSON by a schema.
answer = create(**greedy, max_tokens=64, messages=[question],
                output_config={"format": {"type": "json_schema", "schema": SCHEMA}})
check(json.loads(answer.content[0].text)["country"] == "France", "no JSON by the schema")

# Tools: a call, its result, and an answer to it; the same call in a stream.
tools = [{"name": "weather", "description": "Tells the weather.", "input_schema": CITY}]
wanted = {"tools": tools, "tool_choice": {"type": "any", "disable_parallel_tool_use": True}}
asked = create(**greedy, **wanted, max_tokens=64, messages=[question])
check(asked.stop_reason == "tool_use", f"no call: {asked}")
call = asked.content[-1]
check(call.type == "tool_use" and call.name == "weather" and "city" in call.input, f"the call is {call}")
talk = [question, {"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in asked.content]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "7 degrees"}]}]
told = create(**greedy, max_tokens=8, messages=talk, tools=tools, tool_choice={"type": "none"})
check(told.content[0].type == "text", "no answer to a result")
with client.messages.stream(**greedy, **wanted, max_tokens=64, messages=[question]) as stream:
    check(stream.get_final_message().content[-1].input == call.input, "the streamed call differs")

# Errors have their class and name the field.
expect_error(anthropic.NotFoundError, "nobody", lambda: create(model="nobody", max_tokens=1, messages=[question]))
expect_error(anthropic.BadRequestError, "speed", lambda: create(model=model, max_tokens=1, messages=[question], speed="fast"))
expect_error(anthropic.BadRequestError, "image", lambda: create(model=model, max_tokens=1, messages=[
    {"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "http://localhost/"}}]}]))
expect_error(anthropic.BadRequestError, "context", lambda: create(model=model, max_tokens=1, messages=[
    {"role": "user", "content": "one " * 40000}]))
print(f"anthropic-python: {model} ok")
