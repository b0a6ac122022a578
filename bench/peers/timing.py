"""What the peers measure alike: prompts of random tokens, one run that is not counted, three that are."""
import json
import random
import resource
import time

PROMPT, GENERATED, RUNS = 512, 128, 3


def measure(vocabulary, prefill, decode, depth=0):
    """Prints speeds. prefill(ids, start) evaluates a prompt after `start` tokens in the cache; decode(id, count, start)
    generates `count` tokens after one that it evaluates first, untimed, and gives the seconds they took."""
    draw = random.Random(1)
    speeds = {"pp512": [], "tg128": []}
    for run in range(RUNS + 1):
        ids = [draw.randrange(vocabulary) for _ in range(depth + PROMPT)]
        if depth:
            prefill(ids[:depth], 0)
        start = time.perf_counter()
        prefill(ids[depth:], depth)
        prefilled = time.perf_counter() - start
        decoded = decode(ids[0], GENERATED, depth)
        if run:
            speeds["pp512"].append(PROMPT / prefilled)
            speeds["tg128"].append(GENERATED / decoded)
    found = {test: sum(values) / len(values) for test, values in speeds.items()}
    found["peak_memory_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(found))
