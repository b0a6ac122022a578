//! Methods of Python's strings that templates call and minijinja's own compatibility lacks.

use minijinja::value::from_args;
use minijinja::{Error, State, Value};
use minijinja_contrib::pycompat::unknown_method_callback;

/// Longer than any line that a template draws.
const WIDEST: usize = 4096;

/// The method of a value that is none of Jinja's own.
pub fn method(state: &State, value: &Value, name: &str, args: &[Value]) -> Result<Value, Error> {
    match value.as_str().and_then(|text| of_string(text, name, args)) {
        Some(result) => result,
        None => unknown_method_callback(state, value, name, args),
    }
}

fn of_string(text: &str, name: &str, args: &[Value]) -> Option<Result<Value, Error>> {
    Some(match name {
        "rsplit" => rsplit(text, args),
        "partition" => partition(text, args, false),
        "rpartition" => partition(text, args, true),
        "removeprefix" => from_args(args).map(|(prefix,): (&str,)| {
            Value::from(text.strip_prefix(prefix).unwrap_or(text))
        }),
        "removesuffix" => from_args(args).map(|(suffix,): (&str,)| {
            Value::from(text.strip_suffix(suffix).unwrap_or(text))
        }),
        "ljust" => padded(text, args, |text, gap| format!("{text}{gap}")),
        "rjust" => padded(text, args, |text, gap| format!("{gap}{text}")),
        "zfill" => from_args(args).map(|(width,): (usize,)| zfill(text, width)),
        _ => return None,
    })
}

fn rsplit(text: &str, args: &[Value]) -> Result<Value, Error> {
    let (separator, most): (Option<&str>, Option<i64>) = from_args(args)?;
    let pieces = usize::try_from(most.unwrap_or(-1)).map_or(usize::MAX, |most| most + 1);
    let mut parts: Vec<String> = Vec::new();
    match separator {
        Some(separator) => parts.extend(text.rsplitn(pieces, separator).map(String::from)),
        None => {
            let mut rest = text.trim_end();
            while !rest.is_empty() && parts.len() + 1 < pieces {
                let start = rest.rfind(char::is_whitespace).map_or(0, |at| {
                    at + rest[at..].chars().next().map_or(1, char::len_utf8)
                });
                parts.push(rest[start..].into());
                rest = rest[..start].trim_end();
            }
            if !rest.is_empty() {
                parts.push(rest.into());
            }
        }
    }
    parts.reverse();
    Ok(Value::from(parts))
}

/// What is before, the separator, and what is after; without one the text stands at an end.
fn partition(text: &str, args: &[Value], from_right: bool) -> Result<Value, Error> {
    let (separator,): (&str,) = from_args(args)?;
    let found = if from_right { text.rfind(separator) } else { text.find(separator) };
    let parts = match found {
        Some(at) => [&text[..at], separator, &text[at + separator.len()..]],
        None if from_right => ["", "", text],
        None => [text, "", ""],
    };
    Ok(Value::from(parts.map(String::from).to_vec()))
}

fn padded(text: &str, args: &[Value], join: fn(&str, &str) -> String) -> Result<Value, Error> {
    let (width, fill): (usize, Option<&str>) = from_args(args)?;
    let missing = width.min(WIDEST).saturating_sub(text.chars().count());
    Ok(Value::from(join(text, &fill.unwrap_or(" ").repeat(missing))))
}

fn zfill(text: &str, width: usize) -> Value {
    let missing = width.min(WIDEST).saturating_sub(text.chars().count());
    let sign = usize::from(text.starts_with(['+', '-']));
    Value::from(format!("{}{}{}", &text[..sign], "0".repeat(missing), &text[sign..]))
}
