//! A SentencePiece model file: ModelProto of sentencepiece_model.proto (sentencepiece 0.2.1), as
//! far as reading text needs it.

use std::collections::HashSet;

use crate::piece_set::LONGEST_PIECE;
use crate::protobuf::{Fields, Value};
use crate::token::Refusal;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Normal,
    Unknown,
    Control,
    UserDefined,
    Unused,
    Byte,
}

pub struct Piece {
    pub text: Box<[u8]>,
    pub score: f32,
    pub kind: Kind,
}

#[derive(Debug, PartialEq)]
pub enum Algorithm {
    Unigram,
    Bpe,
}

/// NormalizerSpec, and what TrainerSpec says of spaces.
pub struct NormalizerSpec {
    pub charsmap: Box<[u8]>,
    pub dummy_prefix: bool,
    pub remove_extra_spaces: bool,
    pub escape_spaces: bool,
    pub space_as_suffix: bool,
}

/// Checked: each piece is there once and none is too long, one is the unknown one, and those of
/// bytes are complete.
pub struct SpmModel {
    pub pieces: Vec<Piece>,
    pub algorithm: Algorithm,
    pub normalizer: NormalizerSpec,
    pub byte_fallback: bool,
    /// The id of the unknown piece.
    pub unknown: u32,
    /// The ids that the file gives to the begin and end of a text, where they are control pieces.
    pub begin: Option<u32>,
    pub end: Option<u32>,
}

/// More than any model has; ids above it cannot be held by the grammar's token trie.
const MOST_PIECES: usize = 0x00ff_fffe;

impl SpmModel {
    pub fn read(file: &[u8]) -> Result<SpmModel, Refusal> {
        let mut model = SpmModel {
            pieces: Vec::new(),
            algorithm: Algorithm::Unigram,
            normalizer: NormalizerSpec {
                charsmap: Box::default(),
                dummy_prefix: true,
                remove_extra_spaces: true,
                escape_spaces: true,
                space_as_suffix: false,
            },
            byte_fallback: false,
            unknown: 0,
            begin: Some(1),
            end: Some(2),
        };
        let (mut has_trainer, mut has_normalizer) = (false, false);
        for field in Fields::of(file) {
            match field? {
                (1, piece) => {
                    if model.pieces.len() == MOST_PIECES {
                        return Err(format!("it has more than {MOST_PIECES} pieces").into());
                    }
                    model.pieces.push(read_piece(piece.bytes())?);
                }
                (2, trainer) => {
                    has_trainer = true;
                    model.read_trainer(trainer.bytes())?;
                }
                (3, normalizer) => {
                    has_normalizer = true;
                    model.normalizer.read(normalizer.bytes())?;
                }
                _ => {}
            }
        }
        // They follow the pieces, and without them the text would be read in another way.
        if !has_trainer || !has_normalizer {
            return Err("it ends before its settings: the file is incomplete".to_string().into());
        }
        model.check()?;
        Ok(model)
    }

    fn read_trainer(&mut self, message: &[u8]) -> Result<(), Refusal> {
        for field in Fields::of(message) {
            match field? {
                (3, Value::Number(1)) => self.algorithm = Algorithm::Unigram,
                (3, Value::Number(2)) => self.algorithm = Algorithm::Bpe,
                (3, Value::Number(3)) => return Err(unsupported("WORD")),
                (3, Value::Number(4)) => return Err(unsupported("CHAR")),
                (24, value) => self.normalizer.space_as_suffix = value.is_true(),
                (35, value) => self.byte_fallback = value.is_true(),
                (41, value) => self.begin = value.number().and_then(|id| u32::try_from(id).ok()),
                (42, value) => self.end = value.number().and_then(|id| u32::try_from(id).ok()),
                _ => {}
            }
        }
        Ok(())
    }

    /// As ModelInterface::InitializePieces does.
    fn check(&mut self) -> Result<(), String> {
        let mut unknown = None;
        let mut bytes = 0;
        let mut ordinary = HashSet::new();
        let mut reserved = HashSet::new();
        for (id, piece) in self.pieces.iter().enumerate() {
            let known = match piece.kind {
                Kind::Normal | Kind::UserDefined | Kind::Unused => &mut ordinary,
                Kind::Unknown | Kind::Control | Kind::Byte => &mut reserved,
            };
            if piece.text.is_empty() {
                return Err(format!("its piece {id} is empty"));
            }
            if piece.text.len() > LONGEST_PIECE {
                let length = piece.text.len();
                return Err(format!(
                    "its piece {id} has {length} bytes; at most {LONGEST_PIECE} are read"
                ));
            }
            if !known.insert(&piece.text) {
                return Err(format!("its piece {id} is there twice"));
            }
            match piece.kind {
                Kind::Unknown if unknown.is_some() => {
                    return Err("it has two pieces for what is unknown".into());
                }
                Kind::Unknown => unknown = Some(id as u32),
                Kind::Byte if byte_of(&piece.text).is_none() => {
                    return Err(format!("its piece {id} is no byte"));
                }
                Kind::Byte => bytes += 1,
                _ => {}
            }
        }
        if self.byte_fallback && bytes != 256 {
            return Err(format!("it has pieces for {bytes} of the 256 bytes"));
        }
        if !self.byte_fallback && bytes != 0 {
            return Err("it has pieces for bytes, which its settings do not allow".into());
        }
        self.unknown = unknown.ok_or("it has no piece for what is unknown")?;
        let pieces = &self.pieces;
        let control = |id: Option<u32>| {
            id.filter(|id| {
                pieces.get(*id as usize).is_some_and(|piece| piece.kind == Kind::Control)
            })
        };
        (self.begin, self.end) = (control(self.begin), control(self.end));
        Ok(())
    }
}

impl NormalizerSpec {
    fn read(&mut self, message: &[u8]) -> Result<(), String> {
        for field in Fields::of(message) {
            match field? {
                (2, value) => self.charsmap = value.bytes().into(),
                (3, value) => self.dummy_prefix = value.is_true(),
                (4, value) => self.remove_extra_spaces = value.is_true(),
                (5, value) => self.escape_spaces = value.is_true(),
                _ => {}
            }
        }
        Ok(())
    }
}

fn unsupported(algorithm: &str) -> Refusal {
    Refusal::unsupported(format!(
        "it splits by the algorithm {algorithm}; only BPE and UNIGRAM are known"
    ))
}

fn read_piece(message: &[u8]) -> Result<Piece, String> {
    let mut piece = Piece { text: Box::default(), score: 0.0, kind: Kind::Normal };
    for field in Fields::of(message) {
        match field? {
            (1, text) => piece.text = text.bytes().into(),
            // The sum makes of a negative zero the other one, to which it is equal.
            (2, Value::Float(score)) if score.is_finite() => piece.score = score + 0.0,
            (2, _) => return Err("a score in it is no number".into()),
            (3, kind) => {
                piece.kind = match kind.number() {
                    Some(1) => Kind::Normal,
                    Some(2) => Kind::Unknown,
                    Some(3) => Kind::Control,
                    Some(4) => Kind::UserDefined,
                    Some(5) => Kind::Unused,
                    Some(6) => Kind::Byte,
                    _ => return Err("a piece in it is of no known type".into()),
                }
            }
            _ => {}
        }
    }
    Ok(piece)
}

/// `<0x0A>`, in capital digits, as a byte.
pub fn byte_of(piece: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(piece).ok()?.strip_prefix("<0x")?.strip_suffix('>')?;
    let byte = u8::from_str_radix(digits, 16).ok()?;
    (format!("{byte:02X}") == digits).then_some(byte)
}
