# Takes picoLLM's library for this machine out of its Python package. The package has those of 64-bit ARM by processor;
# the one for the oldest runs on every other.
set -eu
case $(uname -m) in
  aarch64)
    case $(sed -n 's/^CPU part[^:]*: *//p' /proc/cpuinfo | head -n 1) in
      0xd0b) folder=raspberry-pi/cortex-a76-aarch64 ;;
      0xd08) folder=raspberry-pi/cortex-a72-aarch64 ;;
      *) folder=raspberry-pi/cortex-a53-aarch64 ;;
    esac ;;
  *) folder=linux/$(uname -m) ;;
esac
mkdir -p "$PREFIX/lib"
cp "$SOURCE/picollm/picollm/lib/$folder/libpv_picollm.so" "$PREFIX/lib/"
