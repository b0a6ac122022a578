# Lays out ONNX Runtime's library from its wheel, and the crate's Rust declarations of its C API: no registry has
# the C header, so the build makes one from them (engines/onnxruntime/generate_c_api.py).
set -eu
mkdir -p "$PREFIX/lib" "$PREFIX/share"
cp "$SOURCE"/onnxruntime/onnxruntime/capi/libonnxruntime.so.1.* "$PREFIX/lib/libonnxruntime.so.1"
cp "$SOURCE/onnxruntime/onnxruntime/LICENSE" "$SOURCE/onnxruntime/onnxruntime/ThirdPartyNotices.txt" "$PREFIX/share"
cp "$SOURCE/ort-sys/src/lib.rs" "$PREFIX/share/ort_sys.rs"
