//! Chat templates: Jinja with the settings and additions of Hugging Face's transformers.

use std::error::Error as _;

use minijinja::value::ValueKind;
use minijinja::{escape_formatter, Environment, Error, Value};

use crate::python_text::str_of;
use crate::template_functions::{
    is_iterable, length, raise_exception, strftime_now, string, tojson, Refusal,
};
use crate::template_methods::method;

/// Instructions a template may execute: a real one needs some hundreds a message, and this many
/// take about a second.
const FUEL: u64 = 10_000_000;
const NAME: &str = "chat_template";

pub struct Template {
    environment: Environment<'static>,
}

pub enum Failure {
    /// The template called raise_exception() with this message.
    Refused(String),
    /// The template is broken or needs what we do not give it.
    Broken(String),
}

impl Template {
    pub fn compile(source: &str) -> Result<Template, String> {
        let mut environment = Environment::new();
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment.set_fuel(Some(FUEL));
        environment.set_unknown_method_callback(method);
        environment.set_formatter(|out, state, value| match value.kind() {
            ValueKind::Number if value.is_integer() => escape_formatter(out, state, value),
            ValueKind::None
            | ValueKind::Bool
            | ValueKind::Number
            | ValueKind::Seq
            | ValueKind::Map => out.write_str(&str_of(value)).map_err(Error::from),
            _ => escape_formatter(out, state, value),
        });
        environment.add_function("raise_exception", raise_exception);
        environment.add_function("strftime_now", strftime_now);
        environment.add_filter("tojson", tojson);
        environment.add_filter("string", string);
        environment.add_filter("length", length);
        environment.add_filter("count", length);
        environment.add_test("iterable", is_iterable);
        environment
            .add_template_owned(NAME, without_generation_tags(source))
            .map_err(|error| describe(&error))?;
        Ok(Template { environment })
    }

    /// `context` is a JSON object: the variables the template sees.
    pub fn render(&self, context: &str) -> Result<String, Failure> {
        let context: serde_json::Value =
            serde_json::from_str(context).map_err(|error| Failure::Broken(error.to_string()))?;
        self.environment
            .get_template(NAME)
            .and_then(|template| template.render(Value::from_serialize(context)))
            .map_err(failure)
    }
}

fn failure(error: Error) -> Failure {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(Refusal(message)) = cause.downcast_ref() {
            return Failure::Refused(message.clone());
        }
        source = cause.source();
    }
    Failure::Broken(describe(&error))
}

fn describe(error: &Error) -> String {
    let reason = match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    };
    match error.line() {
        Some(line) => format!("line {line}: {reason}"),
        None => reason,
    }
}

/// Hugging Face's `{% generation %}` block marks the assistant's text for training and renders its
/// body unchanged, as `{% if true %}` does.
fn without_generation_tags(source: &str) -> String {
    let mut result = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(start) = rest.find("{%") {
        let (before, tag) = rest.split_at(start + 2);
        result.push_str(before);
        let name_at = tag.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(tag.len());
        let (gap, tail) = tag.split_at(name_at);
        rest = tag;
        if !gap.chars().all(|c| c.is_whitespace() || c == '-' || c == '+') {
            continue;
        }
        for (name, replacement) in [("generation", "if true"), ("endgeneration", "endif")] {
            if let Some(after) = tail.strip_prefix(name).filter(|after| ends_tag(after)) {
                result.push_str(gap);
                result.push_str(replacement);
                rest = after;
            }
        }
    }
    result.push_str(rest);
    result
}

fn ends_tag(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with("%}") || text.starts_with("-%}") || text.starts_with("+%}")
}
