#!/usr/bin/env python3
"""A download with its SHA-256 beside curl's without, of one file from one server on loopback, in turns.

    ninja -C build/release download_check
    bench/download_speed.py build/release/bin/download_check [BYTES] [ROUNDS] [RATE]

Both write to /dev/shm, so neither waits for a disk. The server sends the file from the page cache by sendfile(2), RATE
bytes a second for each connection if given. Prints seconds of each round, processor seconds (user + system) of the
client and of the server, and the median of curl's time divided by ours.
"""
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time


def processor_seconds(process):
    with open("/proc/%d/stat" % process.pid) as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def timed(command, target, server):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    served = processor_seconds(server)
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    seconds = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    os.remove(target)
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return seconds, spent, processor_seconds(server) - served


def main():
    check = sys.argv[1]
    size = sys.argv[2] if len(sys.argv) > 2 else "1000000000"
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 7
    server = subprocess.Popen([check, "serve", size, *sys.argv[4:]], stdout=subprocess.PIPE, text=True)
    ratios = []
    try:
        url, sha256 = server.stdout.readline().split()
        with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
            target = os.path.join(folder, "file")
            for _ in range(rounds):
                curl = timed(["curl", "-sS", "-o", target, url], target, server)
                ours = timed([check, "get", url, target, sha256], target, server)
                ratios.append(curl[0] / ours[0])
                line = "curl %.2f s (processor %.2f, server %.2f), ours %.2f s (%.2f, %.2f), ratio %.3f"
                print(line % (*curl, *ours, ratios[-1]), flush=True)
    finally:
        server.kill()
    print("median ratio %.3f" % statistics.median(ratios))


if __name__ == "__main__":
    main()
