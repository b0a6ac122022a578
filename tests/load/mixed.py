#!/usr/bin/env python3
"""Many clients at once, over three APIs, streamed and whole: does each get the answer to its own question?

    mixed.py BASE_URL MODEL REFERENCE.json [--requests 10000] [--clients 64]

MODEL is tests/models/tiny-llama/f32.gguf as the server knows it; REFERENCE.json is tests/models/reference.json, which has the one
right answer to each question. Prints one line; exits with 1 if any answer was wrong or any request failed.
"""
import argparse
import asyncio
import collections
import json
import random
import time
import urllib.parse


def body_of(api, model, messages, stream):
    if api == "/v1/messages":
        system = "".join(m["content"] for m in messages if m["role"] == "system")
        rest = [m for m in messages if m["role"] != "system"]
        return {"model": model, "messages": rest, "system": system, "max_tokens": 300, "temperature": 0, "stream": stream}
    if api == "/api/chat":
        return {"model": model, "messages": messages, "stream": stream, "options": {"temperature": 0}}
    return {"model": model, "messages": messages, "temperature": 0, "stream": stream}


def whole_text(api, reply):
    if api == "/v1/messages":
        return "".join(block["text"] for block in reply["content"])
    if api == "/api/chat":
        return reply["message"]["content"]
    return reply["choices"][0]["message"]["content"]


def piece_of(api, event):
    if "error" in event:
        raise RuntimeError(event["error"])
    if api == "/v1/messages":
        return event.get("delta", {}).get("text", "")
    if api == "/api/chat":
        return event["message"]["content"]
    return "".join(choice["delta"].get("content") or "" for choice in event["choices"])


def streamed_text(api, payload):
    lines = payload.decode().splitlines()
    if api != "/api/chat":
        lines = [line[6:] for line in lines if line.startswith("data: ") and line != "data: [DONE]"]
    return "".join(piece_of(api, json.loads(line)) for line in lines if line)


async def read_reply(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    lower = head.lower()
    if b"transfer-encoding: chunked" not in lower:
        length = int(lower.split(b"content-length: ")[1].split(b"\r\n")[0])
        return status, False, await reader.readexactly(length)
    payload = b""
    while True:
        size = int(await reader.readline(), 16)
        payload += (await reader.readexactly(size + 2))[:-2]
        if size == 0:
            return status, True, payload


async def client(number, url, model, questions, quota, tally):
    choose = random.Random(number)
    reader = writer = None
    while quota[0] > 0:
        quota[0] -= 1
        question = choose.choice(questions)
        api = choose.choice(["/v1/chat/completions", "/v1/messages", "/api/chat"])
        body = json.dumps(body_of(api, model, question["messages"], choose.random() < 0.5)).encode()
        if writer is None:
            reader, writer = await asyncio.open_connection(url.hostname, url.port)
        start = time.monotonic()
        try:
            writer.write(f"POST {api} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            status, streamed, payload = await read_reply(reader)
            if status != 200:
                tally[f"status {status}"] += 1
                tally["last error " + payload.decode()[:200]] += 1
                continue
            text = streamed_text(api, payload) if streamed else whole_text(api, json.loads(payload))
            tally["right" if text == question["answer"] else "wrong"] += 1
            if text != question["answer"]:
                print(api, streamed, repr(question["answer"]), "got", repr(text), flush=True)
        except (OSError, EOFError, RuntimeError) as error:
            tally[f"failed: {error!r}"[:200]] += 1
            writer = None
        finally:
            tally["slowest ms"] = max(tally["slowest ms"], int((time.monotonic() - start) * 1000))


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url", type=urllib.parse.urlparse)
    parser.add_argument("model")
    parser.add_argument("reference")
    parser.add_argument("--requests", type=int, default=10000)
    parser.add_argument("--clients", type=int, default=64)
    options = parser.parse_args()
    with open(options.reference, encoding="utf-8") as file:
        questions = json.load(file)["models"]["tiny-llama"]["known"]
    quota, tally, start = [options.requests], collections.Counter(), time.monotonic()
    await asyncio.gather(*(client(n, options.url, options.model, questions, quota, tally) for n in range(options.clients)))
    print(f"{options.requests} requests, {options.clients} clients, {time.monotonic() - start:.1f} s: {dict(tally)}")
    raise SystemExit(0 if tally["right"] == options.requests else 1)


asyncio.run(main())
