"""Tokenizers in the forms that publishers use, over a small vocabulary of our own."""

import io
import json

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

MERGES = 250


def byte_level(split, special, corpus):
    """Byte-level BPE as OpenAI's, Meta's and Qwen's: all bytes, then merges, then special tokens.

    `split`: a pattern, or "digits" for single digits before GPT-2's own."""
    tokenizer = Tokenizer(models.BPE())
    if split == "digits":
        first, last = pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)
    else:
        first = pre_tokenizers.Split(Regex(split), behavior="isolated")
        last = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([first, last])
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=len(alphabet) + MERGES, initial_alphabet=alphabet, show_progress=False))
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in special])
    return tokenizer, None


def pieces(special, corpus, gemma, strips):
    """A SentencePiece model with bytes to fall back on, and the tokenizer.json that transformers makes of it.

    `special` are those that are pieces of the model (Gemma) or were added to it later (the others); `strips`: they take the white
    space behind them."""
    options = {"add_dummy_prefix": False, "pad_id": 0, "eos_id": 1, "bos_id": 2, "unk_id": 3, "bos_piece": "<bos>", "eos_piece": "<eos>",
               "user_defined_symbols": special} if gemma else {}
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus), model_writer=written, minloglevel=2, num_threads=1, model_type="bpe",
        vocab_size=256 + 180, byte_fallback=True, normalization_rule_name="identity", character_coverage=0.99,
        remove_extra_whitespaces=False, split_digits=True, hard_vocab_limit=False, **options)
    model = sentencepiece.SentencePieceProcessor(model_proto=written.getvalue())
    vocabulary = {model.id_to_piece(i): i for i in range(model.get_piece_size())}
    merges = []
    for piece in vocabulary:
        parts = [(piece[:i], piece[i:]) for i in range(1, len(piece))]
        merges += [(vocabulary[piece], pair) for pair in parts if pair[0] in vocabulary and pair[1] in vocabulary
                   and piece not in special]
    merges.sort(key=lambda merge: (merge[0], vocabulary[merge[1][0]], vocabulary[merge[1][1]]))
    tokenizer = Tokenizer(models.BPE(vocabulary, [pair for _, pair in merges], unk_token="<unk>", fuse_unk=True,
                                     byte_fallback=True))
    spaces = normalizers.Replace(" ", "▁")
    tokenizer.normalizer = spaces if gemma else normalizers.Sequence([normalizers.Prepend("▁"), spaces])
    tail = [] if gemma else [decoders.Strip(" ", 1, 0)]
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), *tail])
    known = ["<pad>", "<eos>", "<bos>", "<unk>"] if gemma else ["<unk>", "<s>", "</s>"]
    present = [text for text in known if text in vocabulary]
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in present])
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False, rstrip=strips) for text in special])
    return tokenizer, written.getvalue()


def write(folder, tokenizer, model, settings):
    """tokenizer.json, tokenizer_config.json and, of SentencePiece, tokenizer.model and added_tokens.json."""
    tokenizer.save(str(folder / "tokenizer.json"))
    added = json.loads(tokenizer.to_str())["added_tokens"]
    fields = ("content", "lstrip", "normalized", "rstrip", "single_word", "special")
    settings["added_tokens_decoder"] = {str(token["id"]): {name: token[name] for name in fields} for token in added}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2), encoding="utf-8")
    if model is None:
        return
    (folder / "tokenizer.model").write_bytes(model)
    size = sentencepiece.SentencePieceProcessor(model_proto=model).get_piece_size()
    later = {token["content"]: token["id"] for token in added if token["id"] >= size}
    if later:
        (folder / "added_tokens.json").write_text(json.dumps(later), encoding="utf-8")
