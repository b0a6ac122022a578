//! C functions over `constraint.rs`.

use crate::constraint::{Answer, Kind, Vocabulary};
use crate::ffi::{free, guard, guard_new, Bytes, View};

#[no_mangle]
pub unsafe extern "C" fn tenfold_vocabulary_new(
    tokens: *const View,
    special: *const bool,
    count: usize,
    ends: *const u32,
    end_count: usize,
    error: *mut Bytes,
) -> *mut Vocabulary {
    guard_new(error, || {
        let tokens: Vec<&[u8]> =
            std::slice::from_raw_parts(tokens, count).iter().map(|view| view.bytes()).collect();
        let special = std::slice::from_raw_parts(special, count);
        let ends = if end_count == 0 { &[] } else { std::slice::from_raw_parts(ends, end_count) };
        Vocabulary::new(&tokens, special, ends)
    })
}

#[no_mangle]
pub unsafe extern "C" fn tenfold_vocabulary_free(vocabulary: *mut Vocabulary) {
    free(vocabulary)
}

#[no_mangle]
pub unsafe extern "C" fn tenfold_matcher_new(
    vocabulary: *const Vocabulary,
    kind: i32,
    text: View,
    error: *mut Bytes,
) -> *mut Answer {
    guard_new(error, || {
        let kind = match kind {
            0 => Kind::JsonSchema,
            1 => Kind::Regex,
            2 => Kind::Lark,
            other => return Err(format!("unknown kind of grammar {other}")),
        };
        (*vocabulary).answer(kind, text.text()?)
    })
}

#[no_mangle]
pub unsafe extern "C" fn tenfold_matcher_free(matcher: *mut Answer) {
    free(matcher)
}

#[no_mangle]
pub unsafe extern "C" fn tenfold_matcher_mask(
    matcher: *mut Answer,
    words: *mut u32,
    count: usize,
    error: *mut Bytes,
) -> bool {
    guard(error, || (*matcher).mask(std::slice::from_raw_parts_mut(words, count))).is_some()
}

#[no_mangle]
pub unsafe extern "C" fn tenfold_matcher_accept(
    matcher: *mut Answer,
    token: u32,
    error: *mut Bytes,
) -> bool {
    guard(error, || (*matcher).accept(token)).is_some()
}

#[no_mangle]
pub unsafe extern "C" fn tenfold_matcher_is_finished(matcher: *const Answer) -> bool {
    (*matcher).is_finished()
}
