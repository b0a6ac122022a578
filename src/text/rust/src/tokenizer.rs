//! The tokenizer of a file, whatever form it has.

use std::sync::OnceLock;

use tokenizers::Tokenizer;

use crate::added_tokens::TokenSettings;
use crate::spm_tokenizer::SpmTokenizer;
use crate::tiktoken;
use crate::token::{Encode, Refusal, Token, MAX_TOKEN_ID};
use crate::token_bytes::TokenBytes;

/// The forms of tokenizer files.
pub enum Form {
    /// A tokenizer.json.
    Json,
    SentencePiece,
    Tiktoken,
}

impl Form {
    /// By its number in the C interface.
    pub fn of(number: u32) -> Result<Form, String> {
        match number {
            0 => Ok(Form::Json),
            1 => Ok(Form::SentencePiece),
            2 => Ok(Form::Tiktoken),
            _ => Err(format!("no tokenizer has the form {number}")),
        }
    }
}

pub struct TextTokenizer {
    encoder: Box<dyn Encode + Send + Sync>,
    tokens: Vec<Token>,
    /// The begin and end of a text, where the file itself names them.
    pub begin: Option<u32>,
    pub end: Option<u32>,
}

impl TextTokenizer {
    /// `settings` are keys of tokenizer_config.json for the forms that have none of their own.
    pub fn open(form: Form, file: &[u8], settings: &[u8]) -> Result<TextTokenizer, Refusal> {
        match form {
            Form::Json => {
                let tokenizer = Tokenizer::from_bytes(file).map_err(|error| error.to_string())?;
                Ok(TextTokenizer::of(tokenizer)?)
            }
            Form::Tiktoken => {
                let tokenizer = tiktoken::open(file, &TokenSettings::read(settings)?)?;
                Ok(TextTokenizer::of(tokenizer)?)
            }
            Form::SentencePiece => {
                let encoder = SpmTokenizer::open(file, TokenSettings::read(settings)?)?;
                Ok(TextTokenizer {
                    tokens: encoder.tokens(),
                    begin: encoder.begin(),
                    end: encoder.end(),
                    encoder: Box::new(encoder),
                })
            }
        }
    }

    fn of(mut tokenizer: Tokenizer) -> Result<TextTokenizer, String> {
        // Files carry what their training run used; a prompt must never be cut or padded.
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|error| error.to_string())?;

        let vocabulary = tokenizer.get_vocab(true);
        let size = match vocabulary.values().max() {
            None => return Err("its vocabulary is empty".into()),
            Some(&id) if id > MAX_TOKEN_ID => return Err(format!("token id {id} is too large")),
            Some(&id) => id as usize + 1,
        };
        let map = TokenBytes::new(tokenizer.get_decoder())?;
        let mut tokens = Vec::with_capacity(size);
        tokens.resize_with(size, Token::default);
        for (token, id) in &vocabulary {
            tokens[*id as usize].bytes = map.of_token(token).into_boxed_slice();
        }
        for (id, token) in tokenizer.get_added_tokens_decoder() {
            let bytes = map.of_added_token(&token.content, token.special).into_boxed_slice();
            tokens[id as usize] = Token { bytes, special: token.special, whole: true };
        }
        let encoder = Box::new(LibraryTokenizer { tokenizer, literal: OnceLock::new() });
        Ok(TextTokenizer { encoder, tokens, begin: None, end: None })
    }

    pub fn encode(
        &self,
        text: &str,
        add_special: bool,
        parse_special: bool,
    ) -> Result<Vec<u32>, String> {
        self.encoder.encode(text, add_special, parse_special)
    }

    pub fn size(&self) -> usize {
        self.tokens.len()
    }

    pub fn bytes(&self, id: u32) -> &[u8] {
        self.tokens.get(id as usize).map_or(&[], |token| &token.bytes)
    }

    pub fn is_special(&self, id: u32) -> bool {
        self.tokens.get(id as usize).is_some_and(|token| token.special)
    }

    pub fn is_whole(&self, id: u32) -> bool {
        self.tokens.get(id as usize).is_some_and(|token| token.whole)
    }

    pub fn find(&self, token: &str) -> Option<u32> {
        self.encoder.find(token)
    }
}

/// One that the library `tokenizers` reads.
struct LibraryTokenizer {
    tokenizer: Tokenizer,
    /// Reads the text of special tokens as plain text. Made when first needed: it is a whole copy.
    literal: OnceLock<Tokenizer>,
}

impl LibraryTokenizer {
    fn literal(&self) -> &Tokenizer {
        self.literal.get_or_init(|| {
            let mut copy = self.tokenizer.clone();
            copy.set_encode_special_tokens(true);
            copy
        })
    }
}

impl Encode for LibraryTokenizer {
    fn encode(
        &self,
        text: &str,
        add_special: bool,
        parse_special: bool,
    ) -> Result<Vec<u32>, String> {
        let tokenizer = if parse_special { &self.tokenizer } else { self.literal() };
        let encoding =
            tokenizer.encode_fast(text, add_special).map_err(|error| error.to_string())?;
        Ok(encoding.get_ids().to_vec())
    }

    fn find(&self, token: &str) -> Option<u32> {
        self.tokenizer.token_to_id(token)
    }
}
