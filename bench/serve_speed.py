#!/usr/bin/env python3
"""Streams of a running server: their speed beside another server's, or what was added to each token's way.

usage: serve_speed.py against URL MODEL PEER_URL PEER_MODEL ROUNDS [STREAMS]
       serve_speed.py added URL MODEL ROUNDS [STREAMS]
       serve_speed.py asked URL MODEL REQUESTS

against: the two servers in turns, over /v1/completions, greedy, with the model's special tokens banned so that every
answer has its full length. STREAMS (8) answers of 128 tokens at once, with the seconds until the last one ends, prompts
included; one answer of 128 tokens; and the time to the first token of a prompt of which 1,000 tokens are cached and one
is new, beside the median time between two tokens that follow it.

added: the server's worker is bench/stamped_worker.cc, whose text is the time at which the engine gave the token to the
worker. Told is how much later the token's event was received here.

asked: with the same worker, how long chat requests that name the model are on their way to its engine.
"""
import bisect
import json
import re
import selectors
import socket
import statistics
import sys
import time
import urllib.parse

ANSWER_TOKENS = 128
CACHED_TOKENS = 1000
SPECIAL_TOKENS = 17  # of SmolLM2: the first ids
EVENT = re.compile(rb"data: (\{.*?\})\r?\n\r?\n", re.DOTALL)


class Stream:
    """One request and what was received, with the times."""

    def __init__(self, url, body):
        address = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((address.hostname, address.port))
        text = json.dumps(body).encode()
        path = "/v1/chat/completions" if "messages" in body else "/v1/completions"
        self.request = (f"POST {path} HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n"
                        f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n").encode() + text
        self.received = b""
        self.lengths = []
        self.times = []

    def take(self):
        """False at the end."""
        part = self.socket.recv(65536)
        self.times.append(time.monotonic_ns())
        self.received += part
        self.lengths.append(len(self.received))
        return bool(part)

    def events(self):
        """(nanoseconds, event) of each."""
        return [(self.times[bisect.bisect_left(self.lengths, found.end())], json.loads(found[1]))
                for found in EVENT.finditer(self.received)]

    def tokens(self):
        """(nanoseconds, text) of each event that has text."""
        found = []
        for at, event in self.events():
            if "error" in event:
                sys.exit(f"the server says {event['error']}")
            choice = (event["choices"] or [{}])[0]
            text = choice.get("text") or choice.get("delta", {}).get("content")
            if text:
                found.append((at, text))
        if not found:
            sys.exit(f"no tokens in {self.received[:2000]!r}")
        return found

    def usage(self):
        return [event["usage"] for _, event in self.events() if event.get("usage")][-1]


def run(url, bodies):
    """All at once; returns the streams and when they began, in nanoseconds."""
    streams = [Stream(url, body) for body in bodies]
    waiting = selectors.DefaultSelector()
    start = time.monotonic_ns()
    for stream in streams:
        stream.socket.sendall(stream.request)
        waiting.register(stream.socket, selectors.EVENT_READ, stream)
    while waiting.get_map():
        for key, _ in waiting.select():
            if not key.data.take():
                waiting.unregister(key.fileobj)
                key.fileobj.close()
    return streams, start


def request(model, prompt, tokens):
    return {"model": model, "prompt": prompt, "max_tokens": tokens, "temperature": 0, "stream": True,
            "stream_options": {"include_usage": True},
            "logit_bias": {str(token): -100 for token in range(SPECIAL_TOKENS)}}


def story(model, number):
    return request(model, f"Story number {number}: Once upon a time", ANSWER_TOKENS)


def speed(url, model, count, number):
    """Tokens a second of all streams together."""
    streams, start = run(url, [story(model, number + i) for i in range(count)])
    for stream in streams:
        if stream.usage()["completion_tokens"] != ANSWER_TOKENS:
            sys.exit(f"an answer has {stream.usage()['completion_tokens']} tokens")
    return count * ANSWER_TOKENS / (max(stream.times[-1] for stream in streams) - start) * 1e9


def cached_prefix(url, model, number):
    """Milliseconds to the first token, and between two tokens."""
    prefix = [100 + (number * 7919 + i * 104729) % 40000 for i in range(CACHED_TOKENS)]
    run(url, [request(model, prefix + [300], 1)])
    first = []
    for token in range(301, 306):
        (stream,), start = run(url, [request(model, prefix + [token], 1)])
        first.append((stream.tokens()[0][0] - start) / 1e6)
    (stream,), _ = run(url, [request(model, prefix + [310], 33)])
    times = [at for at, _ in stream.tokens()]
    return statistics.median(first), statistics.median((b - a) / 1e6 for a, b in zip(times, times[1:]))


def against(url, model, peer_url, peer_model, rounds, count=8):
    sides = ((url, model), (peer_url, peer_model))
    found = ([], [])
    for number in range(int(rounds) + 1):
        # Who goes first changes every round, so that a drift of the machine favours neither.
        for side in (0, 1) if number % 2 == 0 else (1, 0):
            one = speed(*sides[side], 1, 1000 * number)
            many = speed(*sides[side], int(count), 1000 * number + 100)
            found[side].append((many, one, *cached_prefix(*sides[side], number)))
        if number == 0:  # loads, and warms up
            found[0].clear(), found[1].clear()
            continue
        ours, theirs = found[0][-1], found[1][-1]
        print(f"round {number}: {count} streams {ours[0]:.1f} / {theirs[0]:.1f} = {ours[0] / theirs[0]:.3f}, "
              f"one {ours[1]:.1f} / {theirs[1]:.1f} = {ours[1] / theirs[1]:.3f} tok/s, cached prefix {ours[2]:.2f} "
              f"(step {ours[3]:.2f}) / {theirs[2]:.2f} ({theirs[3]:.2f}) ms", flush=True)
    for name, column in ((f"{count} streams, tok/s", 0), ("one stream, tok/s", 1), ("cached prefix, ms", 2),
                         ("step after it, ms", 3)):
        our, their = ([result[column] for result in side] for side in found)
        print(f"{name}: {statistics.median(our):.2f}, peer {statistics.median(their):.2f}, ratio of medians "
              f"{statistics.median(our) / statistics.median(their):.3f}, median ratio "
              f"{statistics.median(a / b for a, b in zip(our, their)):.3f}")


def added(url, model, rounds, count=8):
    run(url, [story(model, 0)])
    for streams_at_once in (1, int(count)):
        late = []
        for number in range(1, int(rounds) + 1):
            streams, _ = run(url, [story(model, 1000 * number + i) for i in range(streams_at_once)])
            for stream in streams:
                for at, text in stream.tokens():
                    late += [(at - int(stamp)) / 1e6 for stamp in text.split() if not stamp.startswith("asked:")]
        print(f"{streams_at_once} streams, {len(late)} tokens: {spread(late)}", flush=True)


def asked(url, model, requests):
    late = []
    for number in range(int(requests) + 1):
        (stream,), start = run(url, [{"model": model, "max_tokens": 1, "temperature": 0, "stream": True,
                                      "messages": [{"role": "user", "content": f"What is {number} plus {number}?"}]}])
        stamp = re.match(r"asked:(\d+) ", stream.tokens()[0][1])
        late.append((int(stamp[1]) - start) / 1e6)
    print(f"{requests} requests: {spread(late[1:])}")  # the first one loads the model


def spread(times):
    """Of milliseconds."""
    times = sorted(times)
    told = ", ".join(f"p{part} {times[int(len(times) * part / 100)]:.3f}" for part in (50, 90, 99))
    return f"{told}, most {times[-1]:.3f} ms"


def main():
    mode = {"against": against, "added": added, "asked": asked}.get(sys.argv[1] if len(sys.argv) > 1 else "")
    if mode is None:
        sys.exit(__doc__)
    mode(*sys.argv[2:])


main()
