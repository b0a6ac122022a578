//! A tokenizer.json, opened by the reference library.

use std::sync::OnceLock;

use tokenizers::Tokenizer;

use crate::token_bytes::TokenBytes;

/// Ids above this cannot be held by the grammar's token trie, and no known vocabulary has them.
const MAX_TOKEN_ID: u32 = 0x00ff_fffe;

pub struct TextTokenizer {
    tokenizer: Tokenizer,
    /// Reads the text of special tokens as plain text. Made when first needed: it is a whole copy.
    literal: OnceLock<Tokenizer>,
    bytes: Vec<Box<[u8]>>,
    special: Vec<bool>,
}

impl TextTokenizer {
    pub fn open(json: &[u8]) -> Result<TextTokenizer, String> {
        let mut tokenizer = Tokenizer::from_bytes(json).map_err(|error| error.to_string())?;
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
        let mut bytes = vec![Box::default(); size];
        let mut special = vec![false; size];
        for (token, id) in &vocabulary {
            bytes[*id as usize] = map.of_token(token).into_boxed_slice();
        }
        for (id, token) in tokenizer.get_added_tokens_decoder() {
            let id = id as usize;
            bytes[id] = map.of_added_token(&token.content, token.special).into_boxed_slice();
            special[id] = token.special;
        }
        Ok(TextTokenizer { tokenizer, literal: OnceLock::new(), bytes, special })
    }

    pub fn encode(
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

    fn literal(&self) -> &Tokenizer {
        self.literal.get_or_init(|| {
            let mut copy = self.tokenizer.clone();
            copy.set_encode_special_tokens(true);
            copy
        })
    }

    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    pub fn bytes(&self, id: u32) -> &[u8] {
        self.bytes.get(id as usize).map_or(&[], |bytes| bytes)
    }

    pub fn is_special(&self, id: u32) -> bool {
        self.special.get(id as usize).copied().unwrap_or(false)
    }

    pub fn find(&self, token: &str) -> Option<u32> {
        self.tokenizer.token_to_id(token)
    }
}
