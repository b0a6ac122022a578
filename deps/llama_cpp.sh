# Builds llama.cpp's libraries from its crate into $PREFIX (static, tuned for this CPU).
# ggml's own thread pool replaces OpenMP: its spinning is bounded, OpenMP's collapses on a shared core.
# What computes is in ggml: the library over it waits for that, and compiles in two thirds of the time with -O1.
set -eu
echo 'cmake_language(DEFER CALL target_compile_options llama PRIVATE -O1)' >"$BUILD.cmake"
cmake -S "$SOURCE/llama-cpp-sys-2/llama.cpp" -B "$BUILD" -G Ninja --log-level=WARNING -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$PREFIX" \
  -DCMAKE_INSTALL_LIBDIR=lib -DBUILD_SHARED_LIBS=OFF -DCMAKE_POSITION_INDEPENDENT_CODE=ON \
  -DCMAKE_INSTALL_MESSAGE=NEVER -DCMAKE_C_FLAGS=-w -DCMAKE_CXX_FLAGS=-w \
  -DCMAKE_PROJECT_llama.cpp_INCLUDE="$BUILD.cmake" \
  -DGGML_NATIVE=ON -DGGML_OPENMP=OFF -DGGML_RPC=ON -DGGML_RPC_RDMA=OFF -DGGML_CCACHE=ON -DLLAMA_OPENSSL=OFF \
  -DLLAMA_BUILD_COMMON=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_EXAMPLES=OFF \
  -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_APP=OFF
if [ -t 2 ]; then ninja -C "$BUILD"; else ninja -C "$BUILD" --quiet; fi
cmake --install "$BUILD"
