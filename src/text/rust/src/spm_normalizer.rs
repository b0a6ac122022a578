//! How SentencePiece changes a text before it splits it: the rules of the precompiled map (NFKC and
//! the like), spaces as `▁`, a space put before. Follows normalizer.cc of sentencepiece 0.2.1.

use crate::piece_set::{character_length, PieceSet, LONGEST_PIECE};
use crate::spm_model::NormalizerSpec;

const SPACE: &[u8] = "▁".as_bytes();
/// In bytes, of what stands for a character; NFKC has 33.
const LONGEST_TEXT: usize = 256;

/// The map from texts to texts: a double array as darts-clone writes it, whose values are places in
/// a run of texts that end with a zero. Unlike there, a place outside the array is no match.
struct CharsMap {
    units: Vec<u32>,
    texts: Box<[u8]>,
}

impl CharsMap {
    /// `blob` is the size of the array in bytes (32 bits), the array, and the texts.
    fn read(blob: &[u8]) -> Result<Option<CharsMap>, String> {
        if blob.is_empty() {
            return Ok(None);
        }
        let damaged = || "its precompiled map of characters is damaged".to_string();
        let (size, rest) = blob.split_at_checked(4).ok_or_else(damaged)?;
        let size = u32::from_le_bytes([size[0], size[1], size[2], size[3]]) as usize;
        // Units are made in blocks of 256.
        let (array, texts) = rest.split_at_checked(size).ok_or_else(damaged)?;
        if array.is_empty() || array.len() % 1024 != 0 || texts.last() != Some(&0) {
            return Err(damaged());
        }
        // A short prompt must not become a long one.
        if texts.split(|byte| *byte == 0).any(|text| text.len() > LONGEST_TEXT) {
            return Err("a text in its precompiled map of characters is too long".into());
        }
        let units = array
            .chunks_exact(4)
            .map(|unit| u32::from_le_bytes([unit[0], unit[1], unit[2], unit[3]]));
        Ok(Some(CharsMap { units: units.collect(), texts: texts.into() }))
    }

    /// The longest rule that `text` begins with: its length and what stands for it.
    fn longest(&self, text: &[u8]) -> Option<(usize, &[u8])> {
        let offset = |unit: u32| ((unit >> 10) << ((unit & (1 << 9)) >> 6)) as usize;
        let mut place = offset(self.units[0]);
        let mut longest = None;
        // The array may lead in a circle.
        for (index, byte) in text.iter().take(LONGEST_PIECE).enumerate() {
            place ^= usize::from(*byte);
            let Some(unit) = self.units.get(place).copied() else { break };
            if unit & (1 << 31 | 0xff) != u32::from(*byte) {
                break;
            }
            place ^= offset(unit);
            if (unit >> 8) & 1 == 1 {
                let Some(leaf) = self.units.get(place) else { break };
                longest = Some((index + 1, leaf & !(1 << 31)));
            }
        }
        let (length, begin) = longest?;
        let text = self.texts.get(begin as usize..)?;
        let end = text.iter().position(|byte| *byte == 0)?;
        Some((length, &text[..end]))
    }
}

pub struct Normalizer {
    map: Option<CharsMap>,
    dummy_prefix: bool,
    remove_extra_spaces: bool,
    space_as_suffix: bool,
    space: &'static [u8],
}

impl Normalizer {
    pub fn new(spec: &NormalizerSpec) -> Result<Normalizer, String> {
        Ok(Normalizer {
            map: CharsMap::read(&spec.charsmap)?,
            dummy_prefix: spec.dummy_prefix,
            remove_extra_spaces: spec.remove_extra_spaces,
            space_as_suffix: spec.space_as_suffix,
            space: if spec.escape_spaces { SPACE } else { b" " },
        })
    }

    /// What stands `verbatim` in the text stays as it is.
    pub fn normalize(&self, text: &str, verbatim: &PieceSet) -> Vec<u8> {
        let mut input = text.as_bytes();
        if self.remove_extra_spaces {
            while let (b" ", length @ 1..) = self.prefix(input, verbatim) {
                input = &input[length..];
            }
        }
        let mut output = Vec::with_capacity(input.len() + input.len() / 2 + 3);
        if input.is_empty() {
            return output;
        }
        if self.dummy_prefix && !self.space_as_suffix {
            output.extend(self.space);
        }
        let mut after_space = self.remove_extra_spaces;
        while !input.is_empty() {
            let (mut part, length) = self.prefix(input, verbatim);
            while let (true, Some(rest)) = (after_space, part.strip_prefix(b" ")) {
                part = rest;
            }
            for byte in part {
                match byte {
                    b' ' => output.extend(self.space),
                    _ => output.push(*byte),
                }
            }
            if !part.is_empty() {
                after_space = self.remove_extra_spaces && part.ends_with(b" ");
            }
            input = &input[length..];
        }
        if self.remove_extra_spaces {
            while output.ends_with(self.space) {
                output.truncate(output.len() - self.space.len());
            }
        }
        if self.dummy_prefix && self.space_as_suffix {
            output.extend(self.space);
        }
        output
    }

    /// What stands for the begin of `text`, and how long that begin is.
    fn prefix<'a>(&'a self, text: &'a [u8], verbatim: &PieceSet) -> (&'a [u8], usize) {
        if let Some((length, _)) = verbatim.longest_prefix(text) {
            return (&text[..length], length);
        }
        if let Some((length, part)) = self.map.as_ref().and_then(|map| map.longest(text)) {
            return (part, length);
        }
        let length = character_length(text);
        (&text[..length], length)
    }
}
