# Takes LiteRT's runtime library out of its Python package; the rest of the package is for Python.
set -eu
mkdir -p "$PREFIX/lib"
cp "$SOURCE/ai-edge-litert/ai_edge_litert/libLiteRt.so" "$PREFIX/lib/"
