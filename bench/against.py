#!/usr/bin/env python3
"""Prefill and decode speed of `tenfold bench` against a framework's own runner, alternating.

usage: against.py TENFOLD MODEL ROUNDS THREADS [DEPTH] -- PEER…

PEER is a command of bench/peers; it gets MODEL and THREADS as its last words, and DEPTH, if it is
given, and prints {"pp512": tokens per second, "tg128": …, "peak_memory_bytes": …}, as the mean of
three runs after one that is not counted. pp512: a prompt of 512 tokens. tg128: 128 tokens one by
one. Both from an empty cache, or with DEPTH other tokens in it.
"""
import json
import os
import statistics
import subprocess
import sys

TESTS = ("pp512", "tg128")
MEBIBYTE = 1 << 20


def output(command):
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def ours(program, model, threads, depth):
    found = output([program, "bench", "-m", model, "--threads", threads, "--repetitions", "3", "--json",
                    "--ctx", str(1024 + int(depth)), "--depth", depth, "--prompt-tokens", "512", "--generate-tokens", "128"])
    return {test["test"].split("@")[0]: test["mean"] for test in found["results"]} | {
        "peak_memory_bytes": found["peak_memory_bytes"]}


def main():
    end = sys.argv.index("--") if "--" in sys.argv else 0
    if end not in (5, 6) or end + 1 == len(sys.argv):
        sys.exit(__doc__)
    tenfold, model, rounds, threads, *depth = sys.argv[1:end]
    peer = sys.argv[end + 1:]
    sides = (lambda: ours(tenfold, model, threads, *(depth or ["0"])), lambda: output([*peer, model, threads, *depth]))
    found = ([], [])
    for number in range(int(rounds)):
        load = os.getloadavg()[0]
        # Who goes first changes every round, so that a drift of the machine favours neither.
        for side in (0, 1) if number % 2 == 0 else (1, 0):
            found[side].append(sides[side]())
        row = "  ".join(f"{test} {a:8.1f} / {b:8.1f} = {a / b:.3f}"
                        for test in TESTS for a, b in [(found[0][-1][test], found[1][-1][test])])
        print(f"round {number + 1} (load {load:.2f}): {row}", flush=True)
    for test in TESTS:
        our, their = ([result[test] for result in side] for side in found)
        print(f"{test}: tenfold {statistics.median(our):.1f} tok/s, peer {statistics.median(their):.1f} tok/s, "
              f"ratio of medians {statistics.median(our) / statistics.median(their):.3f}, "
              f"median ratio {statistics.median(a / b for a, b in zip(our, their)):.3f}")
    peaks = [max(result["peak_memory_bytes"] for result in side) / MEBIBYTE for side in found]
    print(f"peak memory: tenfold {peaks[0]:.0f} MiB, peer {peaks[1]:.0f} MiB")


main()
