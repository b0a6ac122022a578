// The C ABI of the Rust library in src/text/rust: tokenizers, chat templates, constrained decoding.
//
// Ownership: a TenfoldView is borrowed for the call (or as said). TenfoldBytes, TenfoldIds and
// opaque pointers that a function gives out belong to the caller, who hands them to the matching
// free function; opaque pointers may be null there.
// Errors: a constructor returns null, other functions false, and then, only then, `*error` is set
// to one UTF-8 sentence without a final full stop. No panic or exception crosses the boundary.
// Threads: const functions may be called from several threads at once, others may not.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const uint8_t* data;
  size_t size;
} TenfoldView;

typedef struct {
  uint8_t* data;
  size_t size;
} TenfoldBytes;

typedef struct {
  uint32_t* data;
  size_t size;
} TenfoldIds;

/// Frees what a function wrote; a value that is all zero is allowed.
void tenfold_bytes_free(TenfoldBytes bytes);
void tenfold_ids_free(TenfoldIds ids);

// --- Tokenizer --------------------------------------------------------------------------------

typedef struct TenfoldTokenizer TenfoldTokenizer;

typedef enum {
  tenfold_form_json = 0,           ///< a tokenizer.json
  tenfold_form_sentencepiece = 1,  ///< a SentencePiece model (protobuf)
  tenfold_form_tiktoken = 2,       ///< lines of base64 and rank
} TenfoldForm;

/// `file` is the content of a file of `form`, a TenfoldForm. `settings` is empty, or a JSON object
/// with the keys `added_tokens_decoder` and `add_bos_token` of tokenizer_config.json, which a
/// tokenizer.json has in itself. On failure `unsupported` becomes true if the file is whole, but of
/// a kind that is not read.
TenfoldTokenizer* tenfold_tokenizer_open(uint32_t form, TenfoldView file, TenfoldView settings,
                                         bool* unsupported, TenfoldBytes* error);
void tenfold_tokenizer_free(TenfoldTokenizer* tokenizer);

/// `text` is UTF-8; the meaning of the flags is that of Tokenizer::encode (token_model.h).
bool tenfold_tokenizer_encode(const TenfoldTokenizer* tokenizer, TenfoldView text, bool add_special,
                              bool parse_special, TenfoldIds* ids, TenfoldBytes* error);

/// The highest token id plus one.
size_t tenfold_tokenizer_size(const TenfoldTokenizer* tokenizer);

/// The bytes a token adds to the text, valid as long as the tokenizer; empty for an unknown id.
TenfoldView tenfold_tokenizer_bytes(const TenfoldTokenizer* tokenizer, uint32_t id);

/// Whether the file marks the token as special.
bool tenfold_tokenizer_is_special(const TenfoldTokenizer* tokenizer, uint32_t id);

/// Whether its text, wherever it stands, is this one token: special ones, and those that are added
/// to a vocabulary or defined by its user.
bool tenfold_tokenizer_is_whole(const TenfoldTokenizer* tokenizer, uint32_t id);

/// The token that the file itself says a text begins, or ends, with; -1: it says none.
int64_t tenfold_tokenizer_begin(const TenfoldTokenizer* tokenizer);
int64_t tenfold_tokenizer_end(const TenfoldTokenizer* tokenizer);

/// The id of the token written exactly so in the vocabulary, or -1.
int64_t tenfold_tokenizer_find(const TenfoldTokenizer* tokenizer, TenfoldView token);

// --- Chat template ----------------------------------------------------------------------------

typedef struct TenfoldTemplate TenfoldTemplate;

typedef enum {
  tenfold_render_ok = 0,
  tenfold_render_refused = 1,  ///< the template called raise_exception(): `*out` is its message
  tenfold_render_broken = 2,   ///< any other failure: `*out` is the reason, with the line
} TenfoldRender;

/// `source` is Jinja as Hugging Face's transformers read it.
TenfoldTemplate* tenfold_template_compile(TenfoldView source, TenfoldBytes* error);
void tenfold_template_free(TenfoldTemplate* chat_template);

/// `context_json` is a JSON object: the variables. `*out` is set in any case.
TenfoldRender tenfold_template_render(const TenfoldTemplate* chat_template,
                                      TenfoldView context_json, TenfoldBytes* out);

// --- Constrained decoding ---------------------------------------------------------------------

typedef struct TenfoldVocabulary TenfoldVocabulary;
typedef struct TenfoldMatcher TenfoldMatcher;

typedef enum {
  tenfold_grammar_json_schema = 0,
  tenfold_grammar_regex = 1,
  tenfold_grammar_lark = 2,
} TenfoldGrammar;

/// `tokens` and `special` hold `count` (at least 1) entries, by token id. `ends` are the special
/// tokens that an answer may end with. Everything is copied. A token of more than 1000 bytes, or
/// beginning with the byte FF, is never allowed by a grammar.
TenfoldVocabulary* tenfold_vocabulary_new(const TenfoldView* tokens, const bool* special,
                                          size_t count, const uint32_t* ends, size_t end_count,
                                          TenfoldBytes* error);
void tenfold_vocabulary_free(TenfoldVocabulary* vocabulary);

/// The matcher may outlive the vocabulary.
TenfoldMatcher* tenfold_matcher_new(const TenfoldVocabulary* vocabulary, TenfoldGrammar kind,
                                    TenfoldView text, TenfoldBytes* error);
void tenfold_matcher_free(TenfoldMatcher* matcher);

/// Writes the allowed set: `count` words, which is (size of the vocabulary + 31) / 32.
bool tenfold_matcher_mask(TenfoldMatcher* matcher, uint32_t* words, size_t count,
                          TenfoldBytes* error);

/// Advances; a token that is not allowed is an error that leaves the matcher as it was.
bool tenfold_matcher_accept(TenfoldMatcher* matcher, uint32_t token, TenfoldBytes* error);

/// Whether nothing but an end token may follow.
bool tenfold_matcher_is_finished(const TenfoldMatcher* matcher);

#ifdef __cplusplus
}
#endif
