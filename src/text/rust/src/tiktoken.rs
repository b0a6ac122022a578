//! A file of tiktoken's: lines of base64 and rank. The library `tokenizers` reads the text, by all
//! the merges that the ranks allow; the pattern that splits it first, and the special tokens, are
//! those of the family that the number of ranks tells, as no file has them.
//!
//! Sources: Meta's llama-models/tokenizer.py (Llama 3), tiktoken_ext/openai_public.py (cl100k_base,
//! o200k_base), Qwen's tokenization_qwen.py.

use std::collections::HashMap;

use tokenizers::models::bpe::BPE;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::processors::template::TemplateProcessing;
use tokenizers::{AddedToken as Added, SplitDelimiterBehavior, Tokenizer};

use crate::added_tokens::{AddedToken, TokenSettings};
use crate::token::{Refusal, MAX_TOKEN_ID};
use crate::token_bytes::byte_alphabet;

const CL100K: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const QWEN: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const O200K: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// Bytes; those of the known families have 128.
const LONGEST_TOKEN: usize = 256;
/// Of the known families o200k has the most, 446,189.
const MOST_MERGES: usize = 1_000_000;

struct Family {
    pattern: &'static str,
    begin: Option<&'static str>,
    special: Vec<(u32, String)>,
}

fn at<const N: usize>(tokens: [(u32, &str); N]) -> Vec<(u32, String)> {
    tokens.map(|(id, text)| (id, text.to_string())).into()
}

/// The special tokens of Llama 3 follow its ranks, however many those are.
fn llama3(ranks: u32) -> Family {
    const NAMED: [&str; 11] = [
        "begin_of_text",
        "end_of_text",
        "reserved_special_token_0",
        "reserved_special_token_1",
        "finetune_right_pad_id",
        "step_id",
        "start_header_id",
        "end_header_id",
        "eom_id",
        "eot_id",
        "python_tag",
    ];
    let reserved = (2..247).map(|number| format!("<|reserved_special_token_{number}|>"));
    let named = NAMED.iter().map(|name| format!("<|{name}|>"));
    Family {
        pattern: CL100K,
        begin: Some("<|begin_of_text|>"),
        special: (ranks..).zip(named.chain(reserved)).collect(),
    }
}

/// Whether the settings put the first special token of Llama 3 where it belongs, right behind the
/// ranks: a file of that family with other ranks than Meta's.
fn adds_llama3(settings: &TokenSettings, ranks: u32) -> bool {
    settings.added.iter().any(|token| token.id == ranks && token.text == "<|begin_of_text|>")
}

fn family(ranks: u32, settings: &TokenSettings) -> Result<Family, Refusal> {
    Ok(match ranks {
        100_256 => Family {
            pattern: CL100K,
            begin: None,
            special: at([
                (100_257, "<|endoftext|>"),
                (100_258, "<|fim_prefix|>"),
                (100_259, "<|fim_middle|>"),
                (100_260, "<|fim_suffix|>"),
                (100_276, "<|endofprompt|>"),
            ]),
        },
        151_643 => Family {
            pattern: QWEN,
            begin: None,
            special: at([
                (151_643, "<|endoftext|>"),
                (151_644, "<|im_start|>"),
                (151_645, "<|im_end|>"),
            ]),
        },
        199_998 => Family {
            pattern: O200K,
            begin: None,
            special: at([(199_999, "<|endoftext|>"), (200_018, "<|endofprompt|>")]),
        },
        128_000 => llama3(ranks),
        _ if adds_llama3(settings, ranks) => llama3(ranks),
        _ => {
            return Err(Refusal::unsupported(format!(
                "its {ranks} ranks are of no known family (Llama 3 has 128000, cl100k 100256, \
                 o200k 199998, Qwen 151643)"
            )))
        }
    })
}

/// The tokens of the file by their bytes.
fn read_ranks(file: &[u8]) -> Result<HashMap<Vec<u8>, u32>, String> {
    let mut ranks = HashMap::new();
    for (number, line) in (1..).zip(file.split(|byte| *byte == b'\n')) {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let entry = || {
            let (text, rank) = std::str::from_utf8(line).ok()?.split_once(' ')?;
            let rank: u32 = rank.parse().ok().filter(|rank| *rank <= MAX_TOKEN_ID)?;
            Some((base64::decode(text).ok()?, rank))
        };
        let (token, rank) = entry().ok_or(format!("its line {number} is not base64 and a rank"))?;
        if token.len() > LONGEST_TOKEN {
            return Err(format!(
                "its line {number} has a token of {} bytes; at most {LONGEST_TOKEN} are read",
                token.len()
            ));
        }
        if token.is_empty() || ranks.insert(token, rank).is_some() {
            return Err(format!("its line {number} has a token that is empty or there twice"));
        }
    }
    Ok(ranks)
}

/// Ids follow each other, and each byte has one.
fn check_ranks(ranks: &HashMap<Vec<u8>, u32>) -> Result<(), String> {
    let mut ids: Vec<u32> = ranks.values().copied().collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() != ranks.len() || ids.last().is_some_and(|id| *id as usize >= ids.len()) {
        return Err("its ranks do not follow each other".into());
    }
    match (0..=255u8).find(|byte| !ranks.contains_key(&[*byte][..])) {
        Some(byte) => Err(format!("it has no token for the byte {byte}")),
        None => Ok(()),
    }
}

/// Every pair of tokens that makes a token, in the order in which tiktoken merges.
fn merges(ranks: &HashMap<Vec<u8>, u32>) -> Result<Vec<(&[u8], &[u8])>, String> {
    let mut found = Vec::new();
    for (token, rank) in ranks {
        for middle in 1..token.len() {
            let (left, right) = token.split_at(middle);
            let Some(first) = ranks.get(left) else { continue };
            let Some(second) = ranks.get(right) else { continue };
            if found.len() == MOST_MERGES {
                return Err(format!("its tokens are made by more than {MOST_MERGES} merges"));
            }
            found.push((*rank, *first, *second, left, right));
        }
    }
    found.sort_unstable();
    Ok(found.into_iter().map(|(_, _, _, left, right)| (left, right)).collect())
}

/// What the settings add comes in place of the family's special tokens.
fn special_tokens(family: Family, settings: &TokenSettings) -> Vec<AddedToken> {
    if !settings.added.is_empty() {
        return settings.added.clone();
    }
    let token =
        |(id, text)| AddedToken { id, text, special: true, strip_left: false, strip_right: false };
    family.special.into_iter().map(token).collect()
}

pub fn open(file: &[u8], settings: &TokenSettings) -> Result<Tokenizer, Refusal> {
    let ranks = read_ranks(file)?;
    let family = family(ranks.len() as u32, settings)?;
    check_ranks(&ranks)?;
    let (pattern, begin) = (family.pattern, family.begin);
    let special = special_tokens(family, settings);

    let mut alphabet = [' '; 256];
    for (character, byte) in byte_alphabet() {
        alphabet[usize::from(byte)] = character;
    }
    let written =
        |bytes: &[u8]| bytes.iter().map(|byte| alphabet[usize::from(*byte)]).collect::<String>();
    let mut vocabulary: HashMap<String, u32> =
        ranks.iter().map(|(token, rank)| (written(token), *rank)).collect();
    let pairs =
        merges(&ranks)?.iter().map(|(left, right)| (written(left), written(right))).collect();
    // In the vocabulary they have the ids that they are given, whatever is free below.
    for token in &special {
        let taken = vocabulary.insert(token.text.clone(), token.id).is_some();
        if taken || (token.id as usize) < ranks.len() {
            return Err(format!("the token {} that is added is one of its own", token.id).into());
        }
    }
    let model = BPE::builder()
        .vocab_and_merges(vocabulary.into_iter().collect::<tokenizers::models::bpe::Vocab>(), pairs)
        .ignore_merges(true)
        .build()
        .map_err(|error| error.to_string())?;
    let mut tokenizer = Tokenizer::new(model);
    let split =
        Split::new(SplitPattern::Regex(pattern.into()), SplitDelimiterBehavior::Isolated, false)
            .map_err(|error| error.to_string())?;
    let bytes = ByteLevel::new(false, true, false);
    tokenizer.with_pre_tokenizer(Some(Sequence::new(vec![
        PreTokenizerWrapper::Split(split),
        PreTokenizerWrapper::ByteLevel(bytes),
    ])));
    tokenizer.with_decoder(Some(bytes));
    let added: Vec<Added> = special
        .iter()
        .map(|token| {
            let added = Added::from(token.text.as_str(), token.special).normalized(false);
            added.lstrip(token.strip_left).rstrip(token.strip_right)
        })
        .collect();
    tokenizer.add_tokens(&added);
    let begin = begin.filter(|_| settings.add_begin.unwrap_or(true));
    if let Some((begin, id)) = begin.and_then(|begin| Some((begin, tokenizer.token_to_id(begin)?)))
    {
        let template = TemplateProcessing::builder()
            .try_single(format!("{begin} $A"))
            .map_err(|error| error.to_string())?
            .special_tokens(vec![(begin, id)])
            .build()
            .map_err(|error| error.to_string())?;
        tokenizer.with_post_processor(Some(template));
    }
    Ok(tokenizer)
}
