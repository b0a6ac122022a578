//! How SentencePiece splits a normalized text into pieces: `bpe` follows bpe_model.cc, `unigram`
//! Model::EncodeOptimized of unigram_model.cc, both of sentencepiece 0.2.1.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};
use std::ops::Range;

use crate::piece_set::{character_length, PieceSet};
use crate::spm_model::{Kind, Piece};

/// Places in the text, and the piece's id.
pub type Part = (Range<usize>, u32);

/// A neighbour pair that is a piece; the greatest is merged first.
struct Pair {
    score: f32,
    left: usize,
    right: usize,
    size: usize,
}

impl Ord for Pair {
    fn cmp(&self, other: &Pair) -> Ordering {
        self.score.total_cmp(&other.score).then(other.left.cmp(&self.left))
    }
}

impl PartialOrd for Pair {
    fn partial_cmp(&self, other: &Pair) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Pair {
    fn eq(&self, other: &Pair) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Pair {}

/// A character, or a piece of several; one that was merged into its left neighbour is empty.
struct Symbol {
    text: Range<usize>,
    previous: Option<usize>,
    next: Option<usize>,
    /// Never merged: a user-defined piece.
    frozen: bool,
}

/// A text on its way through `bpe`.
struct Merging<'a> {
    text: &'a [u8],
    pieces: &'a [Piece],
    ids: &'a HashMap<Box<[u8]>, u32>,
    symbols: Vec<Symbol>,
    pairs: BinaryHeap<Pair>,
    /// Where a piece that may not be in the result is split again.
    halves: HashMap<&'a [u8], usize>,
}

impl<'a> Merging<'a> {
    fn add_pair(&mut self, left: Option<usize>, right: Option<usize>) {
        let (Some(left), Some(right)) = (left, right) else { return };
        let (first, second) = (&self.symbols[left], &self.symbols[right]);
        if first.frozen || second.frozen {
            return;
        }
        let size = first.text.len() + second.text.len();
        let text = &self.text[first.text.start..first.text.start + size];
        let Some(id) = self.ids.get(text) else { return };
        let piece = &self.pieces[*id as usize];
        if piece.kind == Kind::Unused {
            self.halves.insert(text, first.text.len());
        }
        self.pairs.push(Pair { score: piece.score, left, right, size });
    }

    fn merge_all(&mut self) {
        while let Some(Pair { left, right, size, .. }) = self.pairs.pop() {
            let (first, second) = (&self.symbols[left].text, &self.symbols[right].text);
            if first.is_empty() || second.is_empty() || first.len() + second.len() != size {
                continue;
            }
            let next = self.symbols[right].next;
            let begin = first.start;
            self.symbols[left].text = begin..begin + size;
            self.symbols[left].next = next;
            if let Some(next) = next {
                self.symbols[next].previous = Some(left);
            }
            self.symbols[right].text = 0..0;
            self.add_pair(self.symbols[left].previous, Some(left));
            self.add_pair(Some(left), next);
        }
    }
}

/// `ids` knows the ordinary pieces, `id_of` all of them.
pub fn bpe(
    text: &[u8],
    pieces: &[Piece],
    ids: &HashMap<Box<[u8]>, u32>,
    user_defined: &PieceSet,
    id_of: impl Fn(&[u8]) -> u32,
) -> Vec<Part> {
    let mut symbols: Vec<Symbol> = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let matched = user_defined.longest_prefix(&text[at..]);
        let length = matched.map_or_else(|| character_length(&text[at..]), |(length, _)| length);
        let index = symbols.len();
        symbols.push(Symbol {
            text: at..at + length,
            previous: index.checked_sub(1),
            next: (at + length < text.len()).then_some(index + 1),
            frozen: matched.is_some(),
        });
        at += length;
    }
    let count = symbols.len();
    let mut merging =
        Merging { text, pieces, ids, symbols, pairs: BinaryHeap::new(), halves: HashMap::new() };
    for right in 1..count {
        merging.add_pair(Some(right - 1), Some(right));
    }
    merging.merge_all();

    let mut parts = Vec::new();
    let mut open: Vec<Range<usize>> = Vec::new();
    for symbol in merging.symbols.iter().filter(|symbol| !symbol.text.is_empty()) {
        open.push(symbol.text.clone());
        while let Some(range) = open.pop() {
            let id = id_of(&text[range.clone()]);
            let unused = pieces[id as usize].kind == Kind::Unused;
            match merging.halves.get(&text[range.clone()]) {
                Some(half) if unused => {
                    let middle = range.start + half;
                    open.push(middle..range.end);
                    open.push(range.start..middle);
                }
                _ => parts.push((range, id)),
            }
        }
    }
    parts
}

/// What `unigram` knows of its pieces.
pub struct UnigramScores {
    /// All pieces that may stand in a text.
    pub set: PieceSet,
    least: f32,
    greatest: f32,
}

impl UnigramScores {
    pub fn new(pieces: &[Piece]) -> UnigramScores {
        let ordinary = |piece: &Piece| matches!(piece.kind, Kind::Normal | Kind::UserDefined);
        let normal = || pieces.iter().filter(|piece| piece.kind == Kind::Normal);
        UnigramScores {
            set: PieceSet::new(
                (0..)
                    .zip(pieces)
                    .filter(|(_, piece)| ordinary(piece))
                    .map(|(id, piece)| (&piece.text[..], id)),
            ),
            least: normal().fold(f32::MAX, |least, piece| least.min(piece.score)),
            // The library begins with the smallest positive number, not with the lowest.
            greatest: normal().fold(f32::MIN_POSITIVE, |most, piece| most.max(piece.score)),
        }
    }
}

/// The best way to a place in the text: its score, and its last piece.
#[derive(Clone, Copy)]
struct Best {
    score: f32,
    begin: usize,
    id: u32,
}

/// By the place where they end.
struct Ways(Vec<Option<Best>>);

impl Ways {
    fn offer(&mut self, range: Range<usize>, id: u32, score: f64) {
        let best = &mut self.0[range.end];
        if best.is_none_or(|known| score > f64::from(known.score)) {
            *best = Some(Best { score: score as f32, begin: range.start, id });
        }
    }
}

/// The library adds in double precision where a piece may be user-defined, and rounds what it
/// keeps; ties depend on it.
pub fn unigram(text: &[u8], pieces: &[Piece], scores: &UnigramScores, unknown: u32) -> Vec<Part> {
    const UNKNOWN_PENALTY: f32 = 10.0;
    let mut ways = Ways(vec![None; text.len() + 1]);
    let mut begin = 0;
    while begin < text.len() {
        let so_far = ways.0[begin].map_or(0.0, |best| best.score);
        let character = character_length(&text[begin..]);
        let mut single = false;
        scores.set.prefixes(&text[begin..], |length, id| {
            let piece = &pieces[id as usize];
            let score = match piece.kind {
                Kind::UserDefined => f64::from(length as f32 * scores.greatest) - 0.1,
                _ => f64::from(piece.score),
            };
            ways.offer(begin..begin + length, id, score + f64::from(so_far));
            single |= length == character;
        });
        if !single {
            let score = scores.least - UNKNOWN_PENALTY + so_far;
            ways.offer(begin..begin + character, unknown, f64::from(score));
        }
        begin += character;
    }
    let mut parts = Vec::new();
    let mut end = text.len();
    while let (1.., Some(last)) = (end, ways.0[end]) {
        parts.push((last.begin..end, last.id));
        end = last.begin;
    }
    parts.reverse();
    parts
}
