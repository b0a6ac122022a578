# Takes from ExecuTorch's Python wheel what a C++ program needs: headers and shared libraries.
set -eu
wheel=$SOURCE/executorch/executorch
mkdir -p "$PREFIX/lib"
cp -R "$wheel/include" "$PREFIX/include"
for library in executorch executorch_backend_xnnpack executorch_kernels_optimized executorch_kernels_quantized \
  executorch_threadpool; do
  cp "$wheel/lib/lib$library.so" "$PREFIX/lib/"
done
