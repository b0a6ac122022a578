//! What tokenizer_config.json adds to a tokenizer that is no tokenizer.json.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::piece_set::LONGEST_PIECE;
use crate::token::MAX_TOKEN_ID;

/// A token that is found in the text before anything else is.
#[derive(Clone)]
pub struct AddedToken {
    pub id: u32,
    pub text: String,
    pub special: bool,
    /// Whether it takes the spaces before it, or after it.
    pub strip_left: bool,
    pub strip_right: bool,
}

/// The keys of tokenizer_config.json that count.
#[derive(Default)]
pub struct TokenSettings {
    pub added: Vec<AddedToken>,
    /// Whether a text begins with the begin token; `None`: it does where there is one.
    pub add_begin: Option<bool>,
}

impl TokenSettings {
    /// `json` is an object with the keys of tokenizer_config.json, or empty.
    pub fn read(json: &[u8]) -> Result<TokenSettings, String> {
        if json.is_empty() {
            return Ok(TokenSettings::default());
        }
        let config: Value = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        let mut settings =
            TokenSettings { added: Vec::new(), add_begin: config["add_bos_token"].as_bool() };
        for (id, token) in config["added_tokens_decoder"].as_object().into_iter().flatten() {
            let known = id.parse().ok().filter(|id| *id <= MAX_TOKEN_ID);
            let (Some(id), Some(text)) = (known, token["content"].as_str()) else {
                return Err(format!("the added token {id:.20} of its configuration is damaged"));
            };
            if text.len() > LONGEST_PIECE {
                return Err(format!(
                    "the added token {id} of its configuration has {} bytes; at most \
                     {LONGEST_PIECE} are read",
                    text.len()
                ));
            }
            let flag = |name: &str| token[name].as_bool().unwrap_or(false);
            settings.added.push(AddedToken {
                id,
                text: text.into(),
                special: flag("special"),
                strip_left: flag("lstrip"),
                strip_right: flag("rstrip"),
            });
        }
        check_distinct(&settings.added)?;
        Ok(settings)
    }
}

/// Each id has one text, and each text one id.
pub fn check_distinct<'a>(tokens: impl IntoIterator<Item = &'a AddedToken>) -> Result<(), String> {
    let mut ids = HashSet::new();
    let mut texts = HashMap::new();
    for token in tokens {
        if !ids.insert(token.id) {
            return Err(format!("its configuration adds the token {} twice", token.id));
        }
        if token.text.is_empty() {
            continue;
        }
        if let Some(other) = texts.insert(&token.text, token.id) {
            return Err(format!("its tokens {other} and {} have the same text", token.id));
        }
    }
    Ok(())
}
