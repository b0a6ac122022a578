#include "kernels/columns.h"

namespace tenfold::kernels {

void to_columns(Matrix rows, std::size_t count, std::size_t width, std::size_t stride,
                float* columns) {
  using Quad = float __attribute__((vector_size(16)));
  std::size_t n = 0;
  for (; n + 4 <= count; n += 4) {
    const float* row = rows.data + n * rows.stride;
    std::size_t k = 0;
    for (; k + 4 <= width; k += 4) {
      Quad a, b, c, d;
      __builtin_memcpy(&a, row + k, sizeof(a));
      __builtin_memcpy(&b, row + rows.stride + k, sizeof(b));
      __builtin_memcpy(&c, row + 2 * rows.stride + k, sizeof(c));
      __builtin_memcpy(&d, row + 3 * rows.stride + k, sizeof(d));
      const Quad ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
      const Quad cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
      const Quad ef = __builtin_shufflevector(a, b, 2, 6, 3, 7);
      const Quad gh = __builtin_shufflevector(c, d, 2, 6, 3, 7);
      const Quad turned[] = {
          __builtin_shufflevector(ab, cd, 0, 1, 4, 5), __builtin_shufflevector(ab, cd, 2, 3, 6, 7),
          __builtin_shufflevector(ef, gh, 0, 1, 4, 5), __builtin_shufflevector(ef, gh, 2, 3, 6, 7)};
      for (std::size_t i = 0; i < 4; ++i) {
        __builtin_memcpy(columns + (k + i) * stride + n, &turned[i], sizeof(Quad));
      }
    }
    for (; k < width; ++k) {
      for (std::size_t i = 0; i < 4; ++i) columns[k * stride + n + i] = row[i * rows.stride + k];
    }
  }
  for (; n < stride; ++n) {
    for (std::size_t k = 0; k < width; ++k) {
      columns[k * stride + n] = n < count ? rows.data[n * rows.stride + k] : 0;
    }
  }
}

}  // namespace tenfold::kernels
