# Takes from the wheels of Apache TVM what runs compiled models: the runtime's library, that of its foreign function
# interface with its headers, and the licences. The compiler, the largest part, stays behind.
set -eu
runtime=$SOURCE/apache-tvm
interface=$SOURCE/apache-tvm-ffi
mkdir -p "$PREFIX/lib" "$PREFIX/include" "$PREFIX/share"
cp "$runtime/tvm/lib/libtvm_runtime.so" "$interface/tvm_ffi/lib/libtvm_ffi.so" "$PREFIX/lib/"
cp -R "$interface/tvm_ffi/include/tvm" "$interface/tvm_ffi/include/dlpack" "$PREFIX/include/"
cp "$runtime"/apache_tvm-*.dist-info/licenses/LICENSE "$runtime/tvm/NOTICE" "$PREFIX/share"
