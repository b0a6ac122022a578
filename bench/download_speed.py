#!/usr/bin/env python3
"""A download with its SHA-256 beside curl's without, of one file from one server on loopback, in turns.

    ninja -C build/release download_check
    bench/download_speed.py build/release/bin/download_check [BYTES] [ROUNDS]

Both write to /dev/shm, so neither waits for a disk. Prints seconds of each round, processor seconds (user + system) and
the median of curl's time divided by ours.
"""
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time


def timed(command, target):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    seconds = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    os.remove(target)
    return seconds, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main():
    check = sys.argv[1]
    size = sys.argv[2] if len(sys.argv) > 2 else "1000000000"
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 7
    server = subprocess.Popen([check, "serve", size], stdout=subprocess.PIPE, text=True)
    ratios = []
    try:
        url, sha256 = server.stdout.readline().split()
        with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
            target = os.path.join(folder, "file")
            for _ in range(rounds):
                curl = timed(["curl", "-sS", "-o", target, url], target)
                ours = timed([check, "get", url, target, sha256], target)
                ratios.append(curl[0] / ours[0])
                print("curl %.2f s (processor %.2f), ours %.2f s (%.2f), ratio %.3f" % (*curl, *ours, ratios[-1]))
    finally:
        server.kill()
    print("median ratio %.3f" % statistics.median(ratios))


if __name__ == "__main__":
    main()
