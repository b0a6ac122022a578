//! JSON as Python's `json.dumps` writes it, which is what chat templates were tuned with.

use serde_json::Value;

use crate::python_text::float_repr;

pub struct JsonStyle {
    pub indent: Option<String>,
    pub item_separator: String,
    pub key_separator: String,
    pub ascii_only: bool,
    pub sort_keys: bool,
}

impl JsonStyle {
    pub fn write(&self, value: &Value) -> String {
        let mut out = String::new();
        self.write_value(value, 0, &mut out);
        out
    }

    fn write_value(&self, value: &Value, depth: usize, out: &mut String) {
        match value {
            Value::String(text) => self.write_string(text, out),
            Value::Array(items) => self.write_block(('[', ']'), items, depth, out, |item, out| {
                self.write_value(item, depth + 1, out)
            }),
            Value::Object(map) => {
                let mut entries: Vec<_> = map.iter().collect();
                if self.sort_keys {
                    entries.sort_by_key(|(key, _)| *key);
                }
                self.write_block(('{', '}'), entries, depth, out, |(key, item), out| {
                    self.write_string(key, out);
                    out.push_str(&self.key_separator);
                    self.write_value(item, depth + 1, out);
                })
            }
            Value::Number(number) if number.is_f64() => {
                out.push_str(&float_repr(number.as_f64().unwrap_or(0.0)))
            }
            scalar => out.push_str(&scalar.to_string()),
        }
    }

    fn write_block<T>(
        &self,
        (open, close): (char, char),
        items: impl IntoIterator<Item = T>,
        depth: usize,
        out: &mut String,
        write_item: impl Fn(T, &mut String),
    ) {
        out.push(open);
        let mut empty = true;
        for item in items {
            if !empty {
                out.push_str(&self.item_separator);
            }
            empty = false;
            self.write_line_break(depth + 1, out);
            write_item(item, out);
        }
        if !empty {
            self.write_line_break(depth, out);
        }
        out.push(close);
    }

    fn write_line_break(&self, depth: usize, out: &mut String) {
        if let Some(indent) = &self.indent {
            out.push('\n');
            out.push_str(&indent.repeat(depth));
        }
    }

    fn write_string(&self, text: &str, out: &mut String) {
        let quoted = Value::from(text).to_string();
        if !self.ascii_only {
            return out.push_str(&quoted);
        }
        for character in quoted.chars() {
            if character.is_ascii() {
                out.push(character);
                continue;
            }
            for unit in character.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
}
