#!/usr/bin/env bash
# The long checks of downloads: cuts, kills, speed beside curl, a full disk, a read-only folder. Needs root
# (a small tmpfs, another user) and ninja download_check.
#   tests/download/check.sh build/release [BYTES of the speed check] [ROUNDS]
set -euo pipefail
check=$(realpath "$1/bin/download_check")
bytes=${2:-2000000000}
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

"$check" serve "$bytes" >"$work/served" &
server=$!
until [ -s "$work/served" ]; do sleep 0.2; done
read -r url sha256 <"$work/served"

# On tmpfs: neither waits for a disk. The digest is computed and compared in ours, not in curl's.
fast=$(mktemp -d -p /dev/shm)
seconds() { local start=$EPOCHREALTIME; "$@" >/dev/null; echo "$EPOCHREALTIME $start" | awk '{print $1 - $2}'; }
for _ in $(seq "$rounds"); do
  ours=$(seconds "$check" get "$url" "$fast/ours" "$sha256")
  theirs=$(seconds curl -sS -o "$fast/theirs" "$url")
  echo "speed: $ours $theirs"
  rm "$fast/ours" "$fast/theirs"
done | awk '{print "speed: ours " $2 " s, curl -o " $3 " s, ratio " $3 / $2}' | tee "$work/speed"
echo "speed: median ratio $(awk '{print $NF}' "$work/speed" | sort -n | sed -n "$(((rounds + 1) / 2))p")"
rm -r "$fast"

mkdir "$work/small"
mount -t tmpfs -o size=64m tmpfs "$work/small"
echo "full disk, seen before: $("$check" get "$url" "$work/small/model" "$sha256" || true)"
umount "$work/small"

mkdir -m 755 "$work/readonly"
chmod 755 "$work"
echo "read-only folder: $(setpriv --reuid=65534 --regid=65534 --clear-groups "$check" get "$url" "$work/readonly/model" || true)"
