//! Tenfold's text library: tokenizers, chat templates and constrained decoding behind the C ABI
//! that is documented in `../text_abi.h`. Every exported function is a thin shell over the module
//! of its name; the safety contract of all of them is that header's.
#![allow(clippy::missing_safety_doc)]

mod added_tokens;
mod constraint;
mod constraint_abi;
mod ffi;
mod json_text;
mod piece_set;
mod protobuf;
mod python_text;
mod spm;
mod spm_model;
mod spm_normalizer;
mod spm_split;
mod spm_tokenizer;
mod template;
mod template_abi;
mod template_functions;
mod template_methods;
mod tiktoken;
mod token;
mod token_bytes;
mod tokenizer;
mod tokenizer_abi;
