// The operators that compute attention: their arguments checked, then attend().
#include <executorch/runtime/core/exec_aten/util/tensor_util.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <optional>

#include "llm_ops/framework_threads.h"
#include "llm_ops/operators.h"
#include "llm_ops/write_cache.h"

namespace tenfold::executorch {
namespace {

using ::executorch::aten::ScalarType;

/// The part of the arguments that all of these operators have, in this order.
struct Look {
  std::int64_t start;
  Tensor* mask;
  bool causal;
  std::optional<double> scale;

  static Result<Look> read(const Arguments& arguments, std::size_t start, std::size_t mask) {
    Look look{};
    look.start = TRY(arguments.integer(start, "start_pos"));
    look.mask = TRY(arguments.optional_tensor(mask, "attn_mask"));
    look.causal = TRY(arguments.boolean(mask + 2, "is_causal"));
    look.scale = TRY(arguments.optional_number(mask + 3, "scale"));
    if (look.mask != nullptr && look.causal) return wrong("attn_mask", "is given with is_causal");
    return look;
  }
};

/// The output takes the shape of the queries, whose number of positions changes from call to call.
/// Before anything else is looked at: in a damaged program it may be one of the inputs as well.
Result<void> shape_output(const Arguments& arguments, std::size_t place) {
  const Tensor* query = TRY(arguments.tensor(0, "query"));
  Tensor* out = TRY(arguments.tensor(place, "out"));
  if (::executorch::runtime::resize_tensor(*out, query->sizes()) !=
      ::executorch::runtime::Error::Ok) {
    return wrong("out", "cannot take the shape of the queries");
  }
  return {};
}

/// Sets which of the `cached` positions the queries look at.
Result<void> look_at(const Look& look, std::int64_t cached, Attention& attention) {
  attention.causal = look.causal;
  attention.scale = look.scale ? static_cast<float>(*look.scale)
                               : 1 / std::sqrt(static_cast<float>(attention.width));
  if (look.mask == nullptr) {
    if (look.start < 0 || look.start > cached - attention.positions) {
      return wrong("start_pos",
                   fmt::format("is {}, but the cache has {} positions, and {} are asked",
                               look.start, cached, attention.positions));
    }
    attention.start = look.start;
    attention.key_count = look.start + attention.positions;
    return {};
  }
  // A mask says all: in a ring buffer start_pos is no place in the cache.
  if (look.mask->dim() != 2 || look.mask->size(0) != attention.positions) {
    return wrong("attn_mask",
                 fmt::format("has no row for each of {} positions", attention.positions));
  }
  attention.key_count = attention.mask_stride = look.mask->size(1);
  if (attention.mask_stride < 1 || attention.mask_stride > cached) {
    return wrong("attn_mask", fmt::format("has {} columns, but the cache {} positions",
                                          attention.mask_stride, cached));
  }
  attention.mask = static_cast<const float*>(TRY(numbers(
      *look.mask, "attn_mask", ScalarType::Float, attention.positions * attention.mask_stride)));
  return {};
}

/// Checks that queries, caches and output fit together; `where` is the dimension of the positions.
Result<Attention> read_tensors(const Block& query, const Block& keys, const Block& values,
                               const Block& out, int where) {
  for (const Block* cache : {&keys, &values}) {
    if (cache->sizes[0] != query.sizes[0] || cache->sizes[3] != query.sizes[3]) {
      return wrong(cache->name, "has another batch or head size than the queries");
    }
    if (cache->element != query.element) return wrong(cache->name, "is of another type");
  }
  if (keys.positions(where) != values.positions(where) ||
      keys.heads(where) != values.heads(where)) {
    return wrong(values.name, "has another shape than the keys");
  }
  if (query.heads(where) % keys.heads(where) != 0) {
    return wrong(keys.name, fmt::format("has {} heads, of which {} are no multiple",
                                        keys.heads(where), query.heads(where)));
  }
  if (query.element == Element::other) return wrong(query.name, "is of a type not supported");
  if (query.element == Element::i8 ? out.element != Element::f32 : out.element != query.element) {
    return wrong(out.name, "is of another type");
  }
  for (int i = 0; i < 4; ++i) {
    if (out.sizes[i] != query.sizes[i])
      return wrong(out.name, "has another shape than the queries");
  }
  Attention attention;
  attention.queries = query.rows(where);
  attention.keys = keys.rows(where);
  attention.values = values.rows(where);
  attention.out = out.tensor->mutable_data_ptr();
  attention.out_element = out.element;
  attention.batches = query.sizes[0];
  attention.positions = query.positions(where);
  attention.heads = query.heads(where);
  attention.key_heads = keys.heads(where);
  attention.width = query.sizes[3];
  return attention;
}

Result<void> plain_attention(const Block& query, const Block& keys, const Block& values,
                             const Block& out, const Look& look) {
  if (query.element == Element::i8) return wrong(query.name, "is quantized");
  Attention attention = TRY(read_tensors(query, keys, values, out, 1));
  TRY(look_at(look, keys.positions(1), attention));
  attend(framework_threads(), attention);
  return {};
}

/// Adds the scale and the zero point of each row.
Result<void> add_scales(const Arguments& arguments, std::size_t place, const Block& of,
                        HeadRows& rows) {
  const std::int64_t count = of.sizes[0] * of.sizes[1] * of.sizes[2];
  rows.zero_points = static_cast<const std::int8_t*>(
      TRY(arguments.numbers(place, "zero_points", ScalarType::Char, count)));
  rows.scales = static_cast<const float*>(
      TRY(arguments.numbers(place + 1, "scales", ScalarType::Float, count)));
  return {};
}

}  // namespace

Result<void> custom_sdpa(const Arguments& arguments) {
  TRY(arguments.at_least(9));
  TRY(shape_output(arguments, 8));
  const Block query = TRY(arguments.block(0, "query"));
  const Block keys = TRY(arguments.block(1, "key_cache"));
  const Block values = TRY(arguments.block(2, "value_cache"));
  const Block out = TRY(arguments.block(8, "out"));
  return plain_attention(query, keys, values, out, TRY(Look::read(arguments, 3, 4)));
}

Result<void> sdpa_with_kv_cache(const Arguments& arguments) {
  TRY(arguments.at_least(12));
  TRY(shape_output(arguments, 11));
  const Look look = TRY(Look::read(arguments, 5, 7));
  const Block keys = TRY(arguments.block(3, "key_cache"));
  const Block values = TRY(arguments.block(4, "value_cache"));
  const Block key = TRY(arguments.block(1, "key"));
  const Block value = TRY(arguments.block(2, "value"));
  TRY(write_cache(key, keys, look.start));
  TRY(write_cache(value, values, look.start));
  const Block query = TRY(arguments.block(0, "query"));
  return plain_attention(query, keys, values, TRY(arguments.block(11, "out")), look);
}

Result<void> custom_quantized_sdpa(const Arguments& arguments) {
  TRY(arguments.at_least(16));
  TRY(shape_output(arguments, 15));
  const int where = TRY(arguments.boolean(14, "is_seq_at_dim_2")) ? 2 : 1;
  const Look look = TRY(Look::read(arguments, 3, 4));
  const Block query = TRY(arguments.block(0, "query"));
  const Block keys = TRY(arguments.block(1, "key_cache"));
  const Block values = TRY(arguments.block(2, "value_cache"));
  const Block out = TRY(arguments.block(15, "out"));
  Attention attention = TRY(read_tensors(query, keys, values, out, where));
  if (query.element == Element::i8) {
    TRY(add_scales(arguments, 8, query, attention.queries));
    TRY(add_scales(arguments, 10, keys, attention.keys));
    TRY(add_scales(arguments, 12, values, attention.values));
  }
  TRY(look_at(look, keys.positions(where), attention));
  attend(framework_threads(), attention);
  return {};
}

}  // namespace tenfold::executorch
