#!/usr/bin/env bash
# The long checks of downloads: cuts, kills, speed beside curl, a full disk, a read-only folder. Needs root
# (a small tmpfs, another user) and ninja download_check.
#   tests/download/check.sh build/release [BYTES of the speed check] [ROUNDS]
set -euo pipefail
check=$(realpath "$1/bin/download_check")
bytes=${2:-1000000000}
rounds=${3:-7}
work=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || kill "$server"
  umount "$work/small" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

"$check" cuts
"$check" kills

"$(dirname "$0")/../../bench/download_speed.py" "$check" "$bytes" "$rounds"

"$check" serve 200000000 >"$work/served" &
server=$!
until [ -s "$work/served" ]; do sleep 0.2; done
read -r url sha256 <"$work/served"

mkdir "$work/small"
mount -t tmpfs -o size=64m tmpfs "$work/small"
echo "full disk, seen before: $("$check" get "$url" "$work/small/model" "$sha256" || true)"
umount "$work/small"

mkdir -m 755 "$work/readonly"
chmod 755 "$work"
echo "read-only folder: $(setpriv --reuid=65534 --regid=65534 --clear-groups "$check" get "$url" "$work/readonly/model" || true)"
