//! C functions over `tokenizer.rs`.

use crate::ffi::{free, guard, guard_new, Bytes, Ids, View};
use crate::tokenizer::{Form, TextTokenizer};

#[no_mangle]
pub unsafe extern "C" fn tenfold_tokenizer_open(
    form: u32,
    file: View,
    settings: View,
    unsupported: *mut bool,
    error: *mut Bytes,
) -> *mut TextTokenizer {
    guard_new(error, || {
        let opened = TextTokenizer::open(Form::of(form)?, file.bytes(), settings.bytes());
        opened.map_err(|refusal| {
            *unsupported = refusal.unsupported;
            refusal.message
        })
    })
}

#[no_mangle]
pub unsafe extern "C" fn tenfold_tokenizer_free(tokenizer: *mut TextTokenizer) {
    free(tokenizer)
}

#[no_mangle]
pub unsafe extern "C" fn tenfold_tokenizer_encode(
    tokenizer: *const TextTokenizer,
    text: View,
    add_special: bool,
    parse_special: bool,
    ids: *mut Ids,
    error: *mut Bytes,
) -> bool {
    let encoded = guard(error, || (*tokenizer).encode(text.text()?, add_special, parse_special));
    encoded.map(|tokens| ids.write(Ids::from(tokens))).is_some()
}

#[no_mangle]
pub unsafe extern "C" fn tenfold_tokenizer_size(tokenizer: *const TextTokenizer) -> usize {
    (*tokenizer).size()
}

#[no_mangle]
pub unsafe extern "C" fn tenfold_tokenizer_bytes(tokenizer: *const TextTokenizer, id: u32) -> View {
    View::of((*tokenizer).bytes(id))
}

#[no_mangle]
pub unsafe extern "C" fn tenfold_tokenizer_is_special(
    tokenizer: *const TextTokenizer,
    id: u32,
) -> bool {
    (*tokenizer).is_special(id)
}

#[no_mangle]
pub unsafe extern "C" fn tenfold_tokenizer_is_whole(
    tokenizer: *const TextTokenizer,
    id: u32,
) -> bool {
    (*tokenizer).is_whole(id)
}

#[no_mangle]
pub unsafe extern "C" fn tenfold_tokenizer_begin(tokenizer: *const TextTokenizer) -> i64 {
    (*tokenizer).begin.map_or(-1, i64::from)
}

#[no_mangle]
pub unsafe extern "C" fn tenfold_tokenizer_end(tokenizer: *const TextTokenizer) -> i64 {
    (*tokenizer).end.map_or(-1, i64::from)
}

#[no_mangle]
pub unsafe extern "C" fn tenfold_tokenizer_find(
    tokenizer: *const TextTokenizer,
    token: View,
) -> i64 {
    let found = token.text().ok().and_then(|token| (*tokenizer).find(token));
    found.map_or(-1, i64::from)
}
