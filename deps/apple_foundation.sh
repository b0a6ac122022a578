# Takes Apple's C bridge out of the wheel that its Python package's own build made. That needs macOS 26 and Xcode 26, and
# says so where they are missing. Read from the package's sources; no Mac has run this yet.
set -eu
mkdir -p "$PREFIX/lib"
cp "$SOURCE/apple-fm-sdk/apple_fm_sdk/lib/libFoundationModels.dylib" "$PREFIX/lib/"
