//! Renders chat templates by Tenfold's text library: each line of the input is a JSON object with a
//! `source` and its `contexts`, each line of the output what became of them.

#[path = "../../../../src/text/rust/src/json_text.rs"]
mod json_text;
#[path = "../../../../src/text/rust/src/python_text.rs"]
mod python_text;
#[path = "../../../../src/text/rust/src/template.rs"]
mod template;
#[path = "../../../../src/text/rust/src/template_functions.rs"]
mod template_functions;
#[path = "../../../../src/text/rust/src/template_methods.rs"]
mod template_methods;

use std::io::BufRead;

use serde_json::{json, Value};
use template::{Failure, Template};

fn rendered(template: &Template, context: &Value) -> Value {
    match template.render(&context.to_string()) {
        Ok(text) => json!({ "text": text }),
        Err(Failure::Refused(reason)) => json!({ "refused": reason }),
        Err(Failure::Broken(reason)) => json!({ "broken": reason }),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for line in std::io::stdin().lock().lines() {
        let task: Value = serde_json::from_str(&line?)?;
        let contexts = task["contexts"].as_array().ok_or("contexts is missing")?;
        let results: Vec<Value> = match Template::compile(task["source"].as_str().unwrap_or("")) {
            Ok(template) => contexts.iter().map(|context| rendered(&template, context)).collect(),
            Err(reason) => contexts.iter().map(|_| json!({ "broken": reason })).collect(),
        };
        println!("{}", json!(results));
    }
    Ok(())
}
