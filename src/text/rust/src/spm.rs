//! A SentencePiece model, which reads a text as Google's library does, to the id
//! (docs/adr/017-sentencepiece-of-our-own.md says why it is not that library).

use std::collections::HashMap;

use crate::piece_set::PieceSet;
use crate::spm_model::{byte_of, Algorithm, Kind, Piece, SpmModel};
use crate::spm_normalizer::Normalizer;
use crate::spm_split::{bpe, unigram, UnigramScores};
use crate::token::Refusal;

pub struct SentencePiece {
    pieces: Vec<Piece>,
    /// Of the pieces that may stand in a text.
    ordinary: HashMap<Box<[u8]>, u32>,
    /// Of the control pieces, the unknown one and those of bytes.
    reserved: HashMap<Box<[u8]>, u32>,
    user_defined: PieceSet,
    normalizer: Normalizer,
    /// For the unigram algorithm.
    scores: Option<UnigramScores>,
    unknown: u32,
    /// Ids by byte, where unknown characters are written so.
    byte_ids: Option<Vec<u32>>,
    pub begin: Option<u32>,
    pub end: Option<u32>,
}

impl SentencePiece {
    pub fn open(file: &[u8]) -> Result<SentencePiece, Refusal> {
        let model = SpmModel::read(file)?;
        let mut ordinary = HashMap::new();
        let mut reserved = HashMap::new();
        let mut byte_ids = vec![0; 256];
        for (id, piece) in (0..).zip(&model.pieces) {
            match piece.kind {
                Kind::Normal | Kind::UserDefined | Kind::Unused => &mut ordinary,
                Kind::Unknown | Kind::Control | Kind::Byte => &mut reserved,
            }
            .insert(piece.text.clone(), id);
            if let (Kind::Byte, Some(byte)) = (piece.kind, byte_of(&piece.text)) {
                byte_ids[usize::from(byte)] = id;
            }
        }
        let user_defined =
            (0..).zip(&model.pieces).filter(|(_, piece)| piece.kind == Kind::UserDefined);
        Ok(SentencePiece {
            user_defined: PieceSet::new(user_defined.map(|(id, piece)| (&piece.text[..], id))),
            normalizer: Normalizer::new(&model.normalizer)?,
            scores: (model.algorithm == Algorithm::Unigram)
                .then(|| UnigramScores::new(&model.pieces)),
            byte_ids: model.byte_fallback.then_some(byte_ids),
            unknown: model.unknown,
            begin: model.begin,
            end: model.end,
            pieces: model.pieces,
            ordinary,
            reserved,
        })
    }

    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    pub fn find(&self, piece: &[u8]) -> Option<u32> {
        self.reserved.get(piece).or_else(|| self.ordinary.get(piece)).copied()
    }

    /// Appends the ids of `text`: what Python's `sentencepiece` gives for `encode(text)`.
    pub fn encode(&self, text: &str, ids: &mut Vec<u32>) {
        let text = self.normalizer.normalize(text, &self.user_defined);
        let id_of = |piece: &[u8]| self.find(piece).unwrap_or(self.unknown);
        let parts = match &self.scores {
            Some(scores) => unigram(&text, &self.pieces, scores, self.unknown),
            None => bpe(&text, &self.pieces, &self.ordinary, &self.user_defined, id_of),
        };
        let mut after_unknown = false;
        for (range, id) in parts {
            let unknown = id == self.unknown;
            match &self.byte_ids {
                Some(byte_ids) if unknown => {
                    ids.extend(text[range].iter().map(|byte| byte_ids[usize::from(*byte)]));
                }
                // A run of unknown characters is one token.
                _ if unknown && after_unknown => {}
                _ => ids.push(id),
            }
            after_unknown = unknown;
        }
    }

    /// What a piece adds to the text.
    pub fn bytes(piece: &Piece) -> Box<[u8]> {
        match piece.kind {
            Kind::Byte => byte_of(&piece.text).into_iter().collect(),
            Kind::Unknown | Kind::Control => piece.text.clone(),
            _ => with_spaces(&piece.text),
        }
    }
}

/// `▁` is a space; a text that is no UTF-8 has none.
fn with_spaces(text: &[u8]) -> Box<[u8]> {
    match std::str::from_utf8(text) {
        Ok(text) => text.replace('▁', " ").into_bytes().into(),
        Err(_) => text.into(),
    }
}
