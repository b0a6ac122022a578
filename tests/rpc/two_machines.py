#!/usr/bin/env python3
"""A model over two machines: two network namespaces with a cable between them.

two_machines.py TENFOLD MODEL.gguf: `rpc-worker` runs in one namespace, `run` and `serve` in the other. Both are
removed at the end. Needs root and `ip` (iproute2); without them it says so and returns 77, which ctest counts as skipped.
"""
import ctypes
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HOST, CLIENT = "10.231.77.2", "10.231.77.1"
PLACE = f"{HOST}:50052"
SERVER = "http://127.0.0.1:10010"  # of this namespace: no other program is in it
HERE, THERE = (f"tenfold-{side}-{os.getpid()}" for side in ("here", "there"))
QUESTION = "What is the capital of France?"
NEW_NETWORK = 0x40000000  # CLONE_NEWNET

home = tempfile.mkdtemp(prefix="tenfold-rpc-")
started = []


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def check(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")
    print(f"ok: {what}")


def until(condition, what):
    for _ in range(300):
        if condition():
            print(f"ok: {what}")
            return
        time.sleep(0.1)
    sys.exit(f"FAILED: {what}")


def ip(*words):
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OSError(f"ip {' '.join(words)}: {done.stderr.strip()}")


def lay_cable():
    try:
        ip("netns", "add", HERE)
        ip("netns", "add", THERE)
        ip("link", "add", "cable", "netns", HERE, "type", "veth", "peer", "name", "cable", "netns", THERE)
    except OSError as error:
        skip(f"network namespaces cannot be made here ({error})")
    for namespace, address in ((HERE, CLIENT), (THERE, HOST)):
        ip("-n", namespace, "addr", "add", f"{address}/24", "dev", "cable")
        ip("-n", namespace, "link", "set", "cable", "up")
        ip("-n", namespace, "link", "set", "lo", "up")


def enter(namespace):
    with open(f"/run/netns/{namespace}", "rb") as handle:
        if ctypes.CDLL(None, use_errno=True).setns(handle.fileno(), NEW_NETWORK) != 0:
            sys.exit(f"cannot enter {namespace}: {os.strerror(ctypes.get_errno())}")


def there(*words):
    return ["ip", "netns", "exec", THERE, tenfold, *words]


def command(words):
    done = subprocess.run(words, capture_output=True, text=True, timeout=200, check=False)
    return done.returncode, done.stdout + done.stderr * bool(done.returncode)


def start(words, name):
    with open(f"{home}/{name}", "a", encoding="utf-8") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log)
    started.append(process)
    return process


def worker():
    """`ip netns exec` becomes the program, and that its engine: one process to kill."""
    process = start(there("rpc-worker", PLACE, "--allow-unauthenticated", "--threads", "1"), "worker")
    port = f":{int(PLACE.split(':')[1]):04X} "
    seen = ["ip", "netns", "exec", THERE, "cat", "/proc/net/tcp"]
    until(lambda: port in subprocess.run(seen, capture_output=True, text=True, check=True).stdout, "the worker listens")
    return process


def run(*words):
    return command([tenfold, "run", "--json", "--temperature", "0", "--threads", "1", "-m", model, *words, QUESTION])


def answer(*words):
    code, out = run(*words)
    check(code == 0, f"run {' '.join(words)}{out * bool(code)}")
    return json.loads(out)["text"]


def ask(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    return urllib.request.urlopen(urllib.request.Request(SERVER + path, data, {"Content-Type": "application/json"}), timeout=200)


def chat(**fields):
    return {"messages": [{"role": "user", "content": QUESTION}], "temperature": 0, **fields}


def events(reply):
    for line in reply:
        if line.startswith(b"data: {"):
            yield json.loads(line[6:])


def outcome(body):
    """Status, and the error's message."""
    try:
        ask("/v1/chat/completions", body).read()
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)["error"]["message"]
    return 200, ""


def is_up():
    try:
        return ask("/health").status == 200
    except OSError:
        return False


def test():
    code, out = command(there("rpc-worker", PLACE))
    check(code == 2 and "--allow-unauthenticated" in out, "a worker that others can reach has to be asked for")
    code, out = run("--rpc", PLACE)
    check(code == 4 and f"cannot reach the RPC host {PLACE}" in out, f"a worker that is not there is named: {out.strip()}")
    local = answer()
    first = worker()
    check(answer("--rpc", PLACE) == local, f"the same answer with all layers on the other machine: {local!r}")
    check(answer("--rpc", PLACE, "--rpc-layers", "2") == local, "and with the last two there")

    start([tenfold, "serve", "-m", model, "--rpc", PLACE, "--threads", "1"], "server")
    until(is_up, "the server listens")
    reply = json.load(ask("/v1/chat/completions", chat()))
    check(reply["choices"][0]["message"]["content"] == local, "the same from the server")
    code, out = run("--rpc", PLACE)
    check(code == 4 and "one client at a time" in out, f"a second client is told that the worker is busy: {out.strip()}")

    stream = events(ask("/v1/chat/completions", chat(stream=True, max_tokens=900, logit_bias={"2": -100})))
    next(stream)
    next(stream)
    first.kill()
    first.wait()
    error = list(stream)[-1].get("error", {})
    check(PLACE in error.get("message", ""), f"a worker's death in mid-answer ends the stream with an error: {error}")
    code, message = outcome(chat())
    check(code == 503 and PLACE in message, f"the next request is told why: {message}")
    worker()
    until(lambda: outcome(chat())[0] == 200, "with a new worker the server answers again")

    ip("-n", THERE, "link", "set", "cable", "down")
    code, out = run("--rpc", PLACE)
    check(code == 4 and PLACE in out, f"a machine that cannot be reached is named: {out.strip()}")


if len(sys.argv) != 3:
    sys.exit(__doc__)
tenfold, model = (os.path.abspath(path) for path in sys.argv[1:])
if os.geteuid() != 0:
    skip("network namespaces need root")
if shutil.which("ip") is None:
    skip("there is no `ip`; install iproute2")
os.environ["TENFOLD_HOME"] = home
try:
    lay_cable()
    enter(HERE)
    test()
finally:
    for process in started:
        process.kill()
        process.wait()
    for namespace in (HERE, THERE):
        subprocess.run(["ip", "netns", "del", namespace], check=False)
    shutil.rmtree(home)
