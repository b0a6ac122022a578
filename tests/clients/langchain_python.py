#!/usr/bin/env python3
"""LangChain's OpenAI classes against a running `tenfold serve`: langchain_python.py URL MODEL"""
import openai
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI, OpenAI, OpenAIEmbeddings
from pydantic import BaseModel

from checks import CITY, QUESTION, SCHEMA, arguments, check, expect_error

url, model = arguments()
place = {"base_url": f"{url}/v1", "api_key": "none", "model": model, "max_retries": 0}
chat = ChatOpenAI(**place, temperature=0, seed=1)

# Chat, whole and streamed: the same text.
whole = chat.bind(max_tokens=24).invoke(QUESTION)
check("Paris" in whole.content, f"the answer is {whole.content}")
check(whole.usage_metadata["output_tokens"] > 0, "no usage")
check("".join(chunk.content for chunk in chat.bind(max_tokens=24).stream(QUESTION)) == whole.content, "the stream differs")
check(len(chat.bind(max_tokens=4).batch([QUESTION, "Hello"])) == 2, "not an answer for each question")


# JSON by a schema.
class City(BaseModel):
    name: str


check(isinstance(chat.with_structured_output(City).invoke(QUESTION), City), "no structured output")
check(chat.with_structured_output({"title": "city", **SCHEMA}, method="json_schema").invoke(QUESTION)["country"] == "France",
      "no JSON by the schema")

# Tools: a call, its result, and an answer to it.
tool = {"type": "function", "function": {"name": "weather", "description": "Tells the weather.", "parameters": CITY}}
asked = chat.bind_tools([tool], tool_choice="required", parallel_tool_calls=False).invoke(QUESTION)
check(asked.tool_calls and asked.tool_calls[0]["name"] == "weather", f"no call: {asked}")
talk = [HumanMessage(QUESTION), asked, ToolMessage("7 degrees", tool_call_id=asked.tool_calls[0]["id"])]
check(chat.bind_tools([tool], tool_choice="none").bind(max_tokens=8).invoke(talk).content, "no answer to a result")

# Text completions, responses and embeddings; without check_embedding_ctx_length=False the package
# sends token ids of OpenAI's own tokenizer.
check(OpenAI(**place, temperature=0, max_tokens=4).invoke("1 2 3 4"), "no completion")
responses = ChatOpenAI(**place, temperature=0, max_tokens=24, use_responses_api=True)
check("Paris" in responses.invoke(QUESTION).text, "no response")
check("Paris" in "".join(chunk.text for chunk in responses.stream(QUESTION)), "no streamed response")
embeddings = OpenAIEmbeddings(**place, check_embedding_ctx_length=False)
vectors = embeddings.embed_documents(["one", "two"])
check(len(vectors) == 2 and abs(sum(x * x for x in vectors[0]) - 1) < 1e-3, "no vectors")

# Errors have their class and name the field.
expect_error(openai.NotFoundError, "nobody", lambda: ChatOpenAI(**place | {"model": "nobody"}).invoke(QUESTION))
expect_error(openai.BadRequestError, "top_p", lambda: ChatOpenAI(**place, top_p=2.0).invoke(QUESTION))
print(f"langchain-python: {model} ok")
