# Takes from the wheel of MLX for processors what a C++ program needs: headers, the library, and those it was linked with.
set -eu
wheel=$SOURCE/mlx-cpu
mkdir -p "$PREFIX/lib" "$PREFIX/include" "$PREFIX/share"
cp -R "$wheel/mlx/include/mlx" "$PREFIX/include/mlx"
cp "$wheel/mlx/lib/libmlx.so" "$wheel"/mlx_cpu.libs/*.so.* "$PREFIX/lib/"
cp "$wheel"/mlx_cpu-*.dist-info/licenses/LICENSE "$PREFIX/share"
