//! Constrained decoding by llguidance: JSON schema, regular expression or Lark grammar to the set
//! of tokens that may come next.

use std::sync::Arc;

use llguidance::api::{StopReason, TopLevelGrammar};
use llguidance::toktrie::{ApproximateTokEnv, TokEnv, TokRxInfo, TokTrie, INVALID_TOKEN};
use llguidance::{Matcher, ParserFactory};
use serde_json::{json, Value};

/// The trie cannot go deeper. Longer tokens exist only as runs of spaces or dashes.
const MAX_TOKEN_BYTES: usize = 1000;

pub struct Vocabulary {
    factory: ParserFactory,
    ends: Vec<u32>,
}

impl Vocabulary {
    /// `tokens` by id. Special tokens can only be named by a grammar, never spelled by it;
    /// `ends` (special too) are what the answer may end with.
    pub fn new(tokens: &[&[u8]], special: &[bool], ends: &[u32]) -> Result<Vocabulary, String> {
        let words: Vec<Vec<u8>> = tokens
            .iter()
            .zip(special)
            .map(|(bytes, &special)| match special {
                true => [&[TokTrie::SPECIAL_TOKEN_MARKER], *bytes].concat(),
                false if bytes.first() == Some(&TokTrie::SPECIAL_TOKEN_MARKER) => Vec::new(),
                false => bytes.to_vec(),
            })
            .map(|word| if word.len() > MAX_TOKEN_BYTES { Vec::new() } else { word })
            .collect();
        let size = u32::try_from(words.len()).map_err(|error| error.to_string())?;
        let end = ends.first().copied().unwrap_or(INVALID_TOKEN);
        let mut trie = TokTrie::from(&TokRxInfo::new(size, end), &words);
        if !ends.is_empty() {
            trie = trie.with_eos_tokens(ends);
        }
        let environment: TokEnv = Arc::new(ApproximateTokEnv::new(trie));
        let mut factory = ParserFactory::new_simple(&environment).map_err(|e| e.to_string())?;
        factory.quiet();
        // The library would put the whole grammar and answer into its messages.
        factory.limits_mut().verbose_errors = false;
        Ok(Vocabulary { factory, ends: ends.to_vec() })
    }

    pub fn answer(&self, kind: Kind, text: &str) -> Result<Answer, String> {
        let grammar = match kind {
            Kind::JsonSchema => TopLevelGrammar::from_json_schema(with_defaults(text)?),
            Kind::Regex => TopLevelGrammar::from_regex(text),
            Kind::Lark => TopLevelGrammar::from_lark(text.to_string()),
        };
        let matcher = Matcher::new(self.factory.create_parser(grammar));
        match matcher.get_error() {
            Some(message) => Err(one_line(&message)),
            None => Ok(Answer { matcher, ends: self.ends.clone(), ended: false }),
        }
    }
}

#[derive(Clone, Copy)]
pub enum Kind {
    JsonSchema,
    Regex,
    Lark,
}

/// The schema with at most one space between its tokens, unless it says otherwise itself: small
/// models may loop on free whitespace without end.
fn with_defaults(text: &str) -> Result<Value, String> {
    let mut schema: Value =
        serde_json::from_str(text).map_err(|error| format!("not valid JSON: {error}"))?;
    if schema == Value::Bool(true) {
        schema = json!({});
    }
    if let Some(object) = schema.as_object_mut() {
        object.entry("x-guidance").or_insert_with(|| json!({"whitespace_pattern": " "}));
    }
    Ok(schema)
}

/// One answer on its way through a grammar.
pub struct Answer {
    matcher: Matcher,
    ends: Vec<u32>,
    ended: bool,
}

impl Answer {
    /// Copies the allowed set into `words`, one bit a token.
    pub fn mask(&mut self, words: &mut [u32]) -> Result<(), String> {
        let allowed = self.matcher.compute_mask_or_eos().map_err(message)?;
        words.copy_from_slice(&allowed.as_slice()[..words.len()]);
        Ok(())
    }

    /// Advances by `token`. A token that is not allowed leaves the answer as it was.
    pub fn accept(&mut self, token: u32) -> Result<(), String> {
        let is_end = self.ends.contains(&token);
        // The library stops by itself where only an end may follow, and then takes no token.
        let accepted = match self.matcher.stop_reason() {
            StopReason::NotStopped => self.matcher.try_consume_tokens(&[token]).map_err(message)?,
            reason => usize::from(reason.is_ok() && is_end && !self.ended),
        };
        if accepted == 0 {
            return Err(format!("token {token} is not allowed here"));
        }
        self.ended = is_end;
        Ok(())
    }

    pub fn is_finished(&self) -> bool {
        self.matcher.is_stopped()
    }
}

fn message(error: impl ToString) -> String {
    one_line(&error.to_string())
}

/// The library quotes the grammar's lines with a caret below, and appends a backtrace to panics;
/// the rest of its message, in one line.
fn one_line(message: &str) -> String {
    let message = message.split("\n<backtrace>").next().unwrap_or(message);
    let is_quote = |line: &str| {
        let after_number = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        line.trim_matches(['^', '.', ' ']).is_empty() || after_number.starts_with("| ")
    };
    let lines: Vec<&str> = message.lines().filter(|line| !is_quote(line)).map(str::trim).collect();
    lines.join(" ").trim_end_matches('.').to_string()
}
