//! Sets of byte strings that are looked for at a place of a text.

/// In bytes: far more than any vocabulary has, and few enough that a prompt of nothing but the
/// begins of such a piece is read in bearable time.
pub const LONGEST_PIECE: usize = 1024;

/// Strings with a number each, sorted, so that those which begin a text are found by narrowing a
/// range byte by byte.
pub struct PieceSet {
    sorted: Vec<(Box<[u8]>, u32)>,
}

impl PieceSet {
    /// Empty strings are left out; of equal ones the first counts.
    pub fn new<'a>(pieces: impl Iterator<Item = (&'a [u8], u32)>) -> PieceSet {
        let mut sorted: Vec<(Box<[u8]>, u32)> = pieces
            .filter(|(text, _)| !text.is_empty())
            .map(|(text, id)| (text.into(), id))
            .collect();
        sorted.sort_by(|left, right| left.0.cmp(&right.0));
        sorted.dedup_by(|second, first| second.0 == first.0);
        PieceSet { sorted }
    }

    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// Calls `found` with the length and the number of each string that `text` begins with, the
    /// shortest first.
    pub fn prefixes(&self, text: &[u8], mut found: impl FnMut(usize, u32)) {
        let mut range = &self.sorted[..];
        for (depth, byte) in text.iter().enumerate() {
            // All of `range` begin with text[..depth]; the one of just that length is past.
            let begin = range.partition_point(|(piece, _)| piece[depth] < *byte);
            let end = range.partition_point(|(piece, _)| piece[depth] <= *byte);
            range = &range[begin..end];
            if let Some(((piece, id), longer)) = range.split_first() {
                if piece.len() == depth + 1 {
                    found(depth + 1, *id);
                    range = longer;
                }
            }
            if range.is_empty() {
                return;
            }
        }
    }

    /// The longest string that `text` begins with: its length and number.
    pub fn longest_prefix(&self, text: &[u8]) -> Option<(usize, u32)> {
        let mut longest = None;
        self.prefixes(text, |length, id| longest = Some((length, id)));
        longest
    }
}

/// The bytes of the character at the begin of `text`, by its first byte alone and within `text`.
pub fn character_length(text: &[u8]) -> usize {
    let length = match text.first() {
        None => 0,
        Some(0xf0..) => 4,
        Some(0xe0..) => 3,
        Some(0xc0..) => 2,
        Some(_) => 1,
    };
    length.min(text.len())
}
