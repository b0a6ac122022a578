"""Another build of tenfold, as an older one, or another form of the model. usage: tenfold.py TENFOLD [OTHER_MODEL] MODEL THREADS"""
import json
import subprocess
import sys

program, model, threads = sys.argv[1], sys.argv[2], sys.argv[-1]
out = subprocess.run([program, "bench", "-m", model, "--threads", threads, "--repetitions", "3", "--json", "--ctx", "1024",
                      "--prompt-tokens", "512", "--generate-tokens", "128"], check=True, capture_output=True, text=True).stdout
found = json.loads(out)
print(json.dumps({test["test"]: test["mean"] for test in found["results"]} | {
    "peak_memory_bytes": found["peak_memory_bytes"]}))
