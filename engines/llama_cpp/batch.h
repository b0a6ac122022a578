// A llama_batch that owns its arrays and is filled token by token.
#pragma once

#include <llama.h>

#include "tenfold/request.h"

namespace tenfold::llama_cpp {

class Batch {
 public:
  explicit Batch(int capacity) : capacity_(capacity), batch_(llama_batch_init(capacity, 0, 1)) {}
  ~Batch() { llama_batch_free(batch_); }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  [[nodiscard]] bool full() const { return batch_.n_tokens == capacity_; }
  /// How many of the tokens want logits.
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] const llama_batch& get() const { return batch_; }

  void add(TokenId token, int position, int sequence, bool wants_logits) {
    const int at = batch_.n_tokens++;
    batch_.token[at] = token;
    batch_.pos[at] = position;
    batch_.n_seq_id[at] = 1;
    batch_.seq_id[at][0] = sequence;
    batch_.logits[at] = wants_logits ? 1 : 0;
    rows_ += wants_logits ? 1 : 0;
  }

  void clear() {
    batch_.n_tokens = 0;
    rows_ = 0;
  }

 private:
  int capacity_;
  llama_batch batch_;
  std::size_t rows_ = 0;
};

}  // namespace tenfold::llama_cpp
