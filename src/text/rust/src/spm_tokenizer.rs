//! A SentencePiece model with its control pieces and the tokens that are added to it: those are
//! looked for in the text first, and what is between them is read by the model, each part by itself.

use std::collections::BTreeMap;

use crate::added_tokens::{check_distinct, AddedToken, TokenSettings};
use crate::piece_set::PieceSet;
use crate::spm::SentencePiece;
use crate::spm_model::Kind;
use crate::token::{Encode, Refusal, Token};

pub struct SpmTokenizer {
    model: SentencePiece,
    /// By id, for those that are found before the model reads.
    marks: BTreeMap<u32, AddedToken>,
    /// The texts of all marks, and of those that are not special.
    all: PieceSet,
    plain: PieceSet,
    add_begin: bool,
}

impl SpmTokenizer {
    pub fn open(file: &[u8], settings: TokenSettings) -> Result<SpmTokenizer, Refusal> {
        let model = SentencePiece::open(file)?;
        let mut marks = BTreeMap::new();
        for (id, piece) in (0..).zip(model.pieces()) {
            let (Kind::Control, Ok(text)) = (piece.kind, std::str::from_utf8(&piece.text)) else {
                continue;
            };
            let text = text.to_string();
            marks.insert(
                id,
                AddedToken { id, text, special: true, strip_left: false, strip_right: false },
            );
        }
        for token in settings.added {
            let unknown = model
                .pieces()
                .get(token.id as usize)
                .is_some_and(|piece| piece.kind == Kind::Unknown);
            // Nobody means the unknown piece by writing its name.
            if !token.text.is_empty() && !unknown {
                marks.insert(token.id, token);
            }
        }
        check_distinct(marks.values())?;
        let set = |wanted: fn(&AddedToken) -> bool| {
            let chosen = marks.values().filter(|mark| wanted(mark));
            PieceSet::new(chosen.map(|mark| (mark.text.as_bytes(), mark.id)))
        };
        Ok(SpmTokenizer {
            all: set(|_| true),
            plain: set(|mark| !mark.special),
            add_begin: settings.add_begin.unwrap_or(true),
            model,
            marks,
        })
    }

    /// The model's own tokens, then those that are added.
    pub fn tokens(&self) -> Vec<Token> {
        let mut tokens = Vec::new();
        for piece in self.model.pieces() {
            let special = matches!(piece.kind, Kind::Unknown | Kind::Control);
            let whole = special || piece.kind == Kind::UserDefined;
            tokens.push(Token { bytes: SentencePiece::bytes(piece), special, whole });
        }
        let added = self.marks.keys().map(|id| *id as usize + 1).max().unwrap_or(0);
        tokens.resize_with(added.max(tokens.len()), Token::default);
        for (id, mark) in &self.marks {
            let token = &mut tokens[*id as usize];
            *token =
                Token { bytes: mark.text.as_bytes().into(), special: mark.special, whole: true };
        }
        tokens
    }

    pub fn begin(&self) -> Option<u32> {
        self.model.begin
    }

    pub fn end(&self) -> Option<u32> {
        self.model.end
    }

    /// The next mark in `text`: where it begins, and which it is.
    fn next_mark(&self, text: &str, set: &PieceSet) -> Option<(usize, &AddedToken)> {
        if set.is_empty() {
            return None;
        }
        text.char_indices().find_map(|(at, _)| {
            let (_, id) = set.longest_prefix(&text.as_bytes()[at..])?;
            Some((at, &self.marks[&id]))
        })
    }
}

impl Encode for SpmTokenizer {
    fn encode(
        &self,
        text: &str,
        add_special: bool,
        parse_special: bool,
    ) -> Result<Vec<u32>, String> {
        let mut ids = Vec::new();
        if add_special && self.add_begin {
            ids.extend(self.model.begin);
        }
        let set = if parse_special { &self.all } else { &self.plain };
        let mut rest = text;
        while let Some((at, mark)) = self.next_mark(rest, set) {
            let (before, after) = rest.split_at(at);
            self.model.encode(if mark.strip_left { before.trim_end() } else { before }, &mut ids);
            ids.push(mark.id);
            rest = &after[mark.text.len()..];
            if mark.strip_right {
                rest = rest.trim_start();
            }
        }
        self.model.encode(rest, &mut ids);
        Ok(ids)
    }

    fn find(&self, token: &str) -> Option<u32> {
        let added = self.all.longest_prefix(token.as_bytes());
        let exact = added.filter(|(length, _)| *length == token.len()).map(|(_, id)| id);
        exact.or_else(|| self.model.find(token.as_bytes()))
    }
}
