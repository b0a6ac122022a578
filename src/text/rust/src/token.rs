//! What the forms of tokenizers have in common.

/// Ids above this cannot be held by the grammar's token trie, and no known vocabulary has them.
pub const MAX_TOKEN_ID: u32 = 0x00ff_fffe;

/// Why a file cannot be opened.
pub struct Refusal {
    pub message: String,
    /// The file is whole, but of a kind that is not read.
    pub unsupported: bool,
}

impl Refusal {
    pub fn unsupported(message: String) -> Refusal {
        Refusal { message, unsupported: true }
    }
}

impl From<String> for Refusal {
    fn from(message: String) -> Refusal {
        Refusal { message, unsupported: false }
    }
}

#[derive(Default)]
pub struct Token {
    /// What it adds to the text.
    pub bytes: Box<[u8]>,
    pub special: bool,
    /// Whether its text, wherever it stands, is this token and never split.
    pub whole: bool,
}

/// What the forms do each in their way.
pub trait Encode {
    fn encode(
        &self,
        text: &str,
        add_special: bool,
        parse_special: bool,
    ) -> Result<Vec<u32>, String>;
    fn find(&self, token: &str) -> Option<u32>;
}
