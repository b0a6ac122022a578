//! C functions over `template.rs`.

use crate::ffi::{free, guard, guard_new, Bytes, View};
use crate::template::{Failure, Template};

/// The values of `TenfoldRender`.
const RENDERED: i32 = 0;
const REFUSED: i32 = 1;
const BROKEN: i32 = 2;

#[no_mangle]
pub unsafe extern "C" fn tenfold_template_compile(
    source: View,
    error: *mut Bytes,
) -> *mut Template {
    guard_new(error, || Template::compile(source.text()?))
}

#[no_mangle]
pub unsafe extern "C" fn tenfold_template_free(template: *mut Template) {
    free(template)
}

#[no_mangle]
pub unsafe extern "C" fn tenfold_template_render(
    template: *const Template,
    context_json: View,
    out: *mut Bytes,
) -> i32 {
    let outcome = guard(out, || Ok((*template).render(context_json.text()?)));
    let (text, status) = match outcome {
        Some(Ok(text)) => (text, RENDERED),
        Some(Err(Failure::Refused(message))) => (message, REFUSED),
        Some(Err(Failure::Broken(message))) => (message, BROKEN),
        None => return BROKEN,
    };
    out.write(Bytes::from(text.into_bytes()));
    status
}
