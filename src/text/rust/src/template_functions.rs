//! The functions and filters that Hugging Face gives to chat templates beside Jinja's own
//! (transformers, `utils/chat_template_utils.py`).

use std::fmt;

use minijinja::value::Kwargs;
use minijinja::{Error, ErrorKind, Value};

use crate::json_text::JsonStyle;
use crate::python_text::str_of;

/// Source of the errors that `raise_exception` makes, so that a template that refuses a
/// conversation can be told from one that is broken.
#[derive(Debug)]
pub struct Refusal(pub String);

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

pub fn raise_exception(message: String) -> Result<Value, Error> {
    let error = Error::new(ErrorKind::InvalidOperation, message.clone());
    Err(error.with_source(Refusal(message)))
}

/// The local time, written as C's strftime writes it.
pub fn strftime_now(format: String) -> Result<String, Error> {
    let invalid = |reason: &str| {
        Error::new(ErrorKind::InvalidOperation, format!("strftime_now({format:?}): {reason}"))
    };
    let pattern =
        std::ffi::CString::new(format.as_str()).map_err(|_| invalid("it holds a zero byte"))?;
    let mut buffer = [0u8; 256];
    // SAFETY: `pattern` ends with a zero byte, and strftime writes at most buffer.len() bytes.
    let size = unsafe {
        let now = libc::time(std::ptr::null_mut());
        let mut local: libc::tm = std::mem::zeroed();
        libc::localtime_r(&now, &mut local);
        libc::strftime(buffer.as_mut_ptr().cast(), buffer.len(), pattern.as_ptr(), &local)
    };
    if size == 0 && !format.is_empty() {
        return Err(invalid("the result is longer than 255 bytes"));
    }
    Ok(String::from_utf8_lossy(&buffer[..size]).into_owned())
}

pub fn string(value: &Value) -> Value {
    if value.as_str().is_some() {
        return value.clone();
    }
    Value::from(str_of(value))
}

/// Jinja's undefined is empty, and none has no length.
pub fn length(value: &Value) -> Result<usize, Error> {
    if value.is_undefined() {
        return Ok(0);
    }
    value.len().ok_or_else(|| {
        let reason = format!("a value of type {} has no length", value.kind());
        Error::new(ErrorKind::InvalidOperation, reason)
    })
}

/// None is not: templates ask this of tools that are not given.
pub fn is_iterable(value: &Value) -> bool {
    !value.is_none() && value.try_iter().is_ok()
}

/// `tojson` with Python's spacing and no HTML escapes.
pub fn tojson(value: Value, indent: Option<Value>, options: Kwargs) -> Result<String, Error> {
    let indent = match indent {
        Some(indent) => Some(indent),
        None => options.get::<Option<Value>>("indent")?,
    };
    let indent = match indent.filter(|indent| !indent.is_none()) {
        None => None,
        Some(indent) => match indent.as_str() {
            Some(text) => Some(text.to_string()),
            None => Some(" ".repeat(usize::try_from(indent)?.min(64))),
        },
    };
    let separators: Option<Vec<String>> = options.get("separators")?;
    let (item_separator, key_separator) = match separators.as_deref() {
        Some([item, key]) => (item.clone(), key.clone()),
        Some(_) => {
            let reason = "tojson: separators must be a pair of strings";
            return Err(Error::new(ErrorKind::InvalidOperation, reason));
        }
        None if indent.is_some() => (",".into(), ": ".into()),
        None => (", ".into(), ": ".into()),
    };
    let style = JsonStyle {
        indent,
        item_separator,
        key_separator,
        ascii_only: options.get::<Option<bool>>("ensure_ascii")?.unwrap_or(false),
        sort_keys: options.get::<Option<bool>>("sort_keys")?.unwrap_or(false),
    };
    options.assert_all_used()?;
    let json = serde_json::to_value(&value).map_err(|error| {
        Error::new(ErrorKind::InvalidOperation, "tojson: the value has no JSON form")
            .with_source(error)
    })?;
    Ok(style.write(&json))
}
