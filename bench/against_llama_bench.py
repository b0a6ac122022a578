#!/usr/bin/env python3
"""Prefill and decode speed of `tenfold bench` against llama.cpp's own llama-bench, alternating.

usage: against_llama_bench.py TENFOLD LLAMA_BENCH MODEL [ROUNDS] [THREADS]
"""
import json
import os
import statistics
import subprocess
import sys


def ours(program, model, threads):
    out = subprocess.run([program, "bench", "-m", model, "--threads", threads, "--repetitions", "3", "--json",
                          "--prompt-tokens", "512", "--generate-tokens", "128"],
                         check=True, capture_output=True, text=True).stdout
    return {test["test"]: test["mean"] for test in json.loads(out)["results"]}


def theirs(program, model, threads):
    out = subprocess.run([program, "-m", model, "-t", threads, "-r", "3", "-p", "512", "-n", "128", "-o", "json"],
                         check=True, capture_output=True, text=True).stdout
    return {f"pp{test['n_prompt']}" if test["n_prompt"] else f"tg{test['n_gen']}": test["avg_ts"]
            for test in json.loads(out)}


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    tenfold, llama_bench, model = sys.argv[1:4]
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 5
    threads = sys.argv[5] if len(sys.argv) > 5 else str(os.cpu_count())
    speeds = {"pp512": ([], []), "tg128": ([], [])}
    for number in range(rounds):
        load = os.getloadavg()[0]
        # Who goes first changes every round, so that a drift of the machine favours neither.
        order = (0, 1) if number % 2 == 0 else (1, 0)
        for side in order:
            result = (ours, theirs)[side]((tenfold, llama_bench)[side], model, threads)
            for test, sides in speeds.items():
                sides[side].append(result[test])
        row = "  ".join(f"{test} {sides[0][-1]:8.1f} / {sides[1][-1]:8.1f} = {sides[0][-1] / sides[1][-1]:.3f}"
                        for test, sides in speeds.items())
        print(f"round {number + 1} (load {load:.2f}): {row}", flush=True)
    for test, (our, their) in speeds.items():
        ratios = [a / b for a, b in zip(our, their)]
        print(f"{test}: tenfold {statistics.median(our):.1f} tok/s, llama-bench {statistics.median(their):.1f} tok/s, "
              f"ratio of medians {statistics.median(our) / statistics.median(their):.3f}, "
              f"median ratio {statistics.median(ratios):.3f}")


main()
