//! The raw bytes that each token of a tokenizer.json adds to the text. The library itself only
//! decodes whole sequences, which cannot show a token that is part of a character.

use std::collections::HashMap;

use tokenizers::decoders::DecoderWrapper;

/// How the vocabulary writes text, as told by the file's decoder.
#[derive(Clone, Debug, PartialEq)]
enum Style {
    /// One printable character a byte (GPT-2's alphabet).
    ByteLevel,
    /// `▁` (or `space`) for a space and, with `fallback`, `<0x0A>` for a byte.
    SentencePiece {
        space: char,
        fallback: bool,
    },
    /// `prefix` marks a continued word; anything else begins one.
    WordPiece {
        prefix: String,
    },
    Verbatim,
}

fn style_of(decoder: Option<&DecoderWrapper>) -> Result<Style, String> {
    Ok(match decoder {
        None => Style::Verbatim,
        Some(DecoderWrapper::ByteLevel(_)) => Style::ByteLevel,
        Some(DecoderWrapper::WordPiece(word)) => Style::WordPiece { prefix: word.prefix.clone() },
        Some(DecoderWrapper::Metaspace(metaspace)) => {
            Style::SentencePiece { space: metaspace.get_replacement(), fallback: false }
        }
        Some(DecoderWrapper::Replace(_)) => Style::SentencePiece { space: '▁', fallback: false },
        Some(DecoderWrapper::ByteFallback(_)) => {
            Style::SentencePiece { space: '▁', fallback: true }
        }
        Some(DecoderWrapper::Fuse(_) | DecoderWrapper::Strip(_)) => Style::Verbatim,
        Some(DecoderWrapper::Sequence(sequence)) => {
            let mut result = Style::Verbatim;
            for part in sequence.get_decoders() {
                result = merged(result, style_of(Some(part))?);
            }
            result
        }
        Some(DecoderWrapper::BPE(_)) => return Err(unsupported("BPEDecoder")),
        Some(DecoderWrapper::CTC(_)) => return Err(unsupported("CTC")),
    })
}

fn unsupported(decoder: &str) -> String {
    format!("its decoder '{decoder}' is not supported")
}

/// The style of two decoders that run one after the other.
fn merged(first: Style, second: Style) -> Style {
    match (first, second) {
        (first, Style::Verbatim) => first,
        (
            Style::SentencePiece { space, fallback },
            Style::SentencePiece { fallback: other, .. },
        ) => Style::SentencePiece { space, fallback: fallback || other },
        (Style::Verbatim, second) => second,
        (first, _) => first,
    }
}

/// GPT-2's alphabet, from character to byte: printable Latin-1 stands for itself, the other bytes
/// follow in order from U+0100.
pub fn byte_alphabet() -> HashMap<char, u8> {
    let mut next = 0x100;
    (0..=255u8)
        .map(|byte| {
            let printable = matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
            let code = if printable {
                u32::from(byte)
            } else {
                next += 1;
                next - 1
            };
            (char::from_u32(code).expect("below the surrogates"), byte)
        })
        .collect()
}

/// Maps a token's text in the vocabulary to its bytes.
pub struct TokenBytes {
    style: Style,
    alphabet: HashMap<char, u8>,
}

impl TokenBytes {
    pub fn new(decoder: Option<&DecoderWrapper>) -> Result<TokenBytes, String> {
        Ok(TokenBytes { style: style_of(decoder)?, alphabet: byte_alphabet() })
    }

    /// A token of the model's own vocabulary.
    pub fn of_token(&self, token: &str) -> Vec<u8> {
        match &self.style {
            Style::ByteLevel => {
                let bytes: Option<Vec<u8>> =
                    token.chars().map(|character| self.alphabet.get(&character).copied()).collect();
                bytes.unwrap_or_else(|| token.into())
            }
            Style::SentencePiece { space, fallback } => match fallback_byte(token) {
                Some(byte) if *fallback => vec![byte],
                _ => token.replace(*space, " ").into_bytes(),
            },
            Style::WordPiece { prefix } => match token.strip_prefix(prefix.as_str()) {
                Some(rest) => rest.into(),
                None => format!(" {token}").into_bytes(),
            },
            Style::Verbatim => token.into(),
        }
    }

    /// A token that the file adds to the vocabulary: its text as it is, except that SentencePiece
    /// files write runs of spaces among them as `▁▁`.
    pub fn of_added_token(&self, token: &str, special: bool) -> Vec<u8> {
        match &self.style {
            Style::SentencePiece { .. } if !special => self.of_token(token),
            _ => token.into(),
        }
    }
}

fn fallback_byte(token: &str) -> Option<u8> {
    let digits = token.strip_prefix("<0x")?.strip_suffix('>')?;
    if digits.len() != 2 {
        return None;
    }
    u8::from_str_radix(digits, 16).ok()
}
