//! What crosses the C boundary: borrowed views, owned buffers, and panics turned into errors.

use std::panic::{catch_unwind, set_hook, AssertUnwindSafe};
use std::sync::Once;

static SILENCE: Once = Once::new();

/// Borrowed bytes; `data` may be null when `size` is 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct View {
    pub data: *const u8,
    pub size: usize,
}

impl View {
    pub fn of(bytes: &[u8]) -> View {
        View { data: bytes.as_ptr(), size: bytes.len() }
    }

    /// # Safety
    /// `data` must point to `size` bytes that live as long as the result is used.
    pub unsafe fn bytes<'a>(&self) -> &'a [u8] {
        if self.size == 0 {
            return &[];
        }
        std::slice::from_raw_parts(self.data, self.size)
    }

    /// # Safety
    /// As for `bytes`.
    pub unsafe fn text<'a>(&self) -> Result<&'a str, String> {
        std::str::from_utf8(self.bytes()).map_err(|error| format!("not valid UTF-8: {error}"))
    }
}

/// An array that the caller must hand back to its free function.
#[repr(C)]
pub struct Owned<T> {
    data: *mut T,
    size: usize,
}

impl<T> Owned<T> {
    pub fn from(items: Vec<T>) -> Owned<T> {
        let items = Box::leak(items.into_boxed_slice());
        Owned { data: items.as_mut_ptr(), size: items.len() }
    }

    unsafe fn free(self) {
        if !self.data.is_null() {
            drop(Box::from_raw(std::ptr::slice_from_raw_parts_mut(self.data, self.size)));
        }
    }
}

pub type Bytes = Owned<u8>;
pub type Ids = Owned<u32>;

#[no_mangle]
pub unsafe extern "C" fn tenfold_bytes_free(bytes: Bytes) {
    bytes.free()
}

#[no_mangle]
pub unsafe extern "C" fn tenfold_ids_free(ids: Ids) {
    ids.free()
}

/// Runs `body`. A failure, or a panic of a library, is written to `error` and becomes `None`.
///
/// # Safety
/// `error` must point to a writable `Bytes`, which is overwritten without being freed.
pub unsafe fn guard<T>(error: *mut Bytes, body: impl FnOnce() -> Result<T, String>) -> Option<T> {
    // A panic is reported as an error: its trace does not belong on the standard error too.
    SILENCE.call_once(|| set_hook(Box::new(|_| {})));
    let outcome = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        Err(format!("the text library failed: {text}"))
    });
    match outcome {
        Ok(value) => Some(value),
        Err(message) => {
            error.write(Bytes::from(message.into_bytes()));
            None
        }
    }
}

/// `guard` for a constructor: an owned pointer, null on failure.
///
/// # Safety
/// As for `guard`.
pub unsafe fn guard_new<T>(error: *mut Bytes, body: impl FnOnce() -> Result<T, String>) -> *mut T {
    guard(error, body).map_or(std::ptr::null_mut(), |value| Box::into_raw(Box::new(value)))
}

/// # Safety
/// `pointer` must come from `guard_new` and not be used again; null is allowed.
pub unsafe fn free<T>(pointer: *mut T) {
    if !pointer.is_null() {
        drop(Box::from_raw(pointer));
    }
}
