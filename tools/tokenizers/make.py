"""Writes src/text/testdata/reference: tokenizers of the forms that are no tokenizer.json, and what the reference libraries make of texts.

    pip install sentencepiece==0.2.1 tiktoken==0.14.0
    python tools/tokenizers/make.py

For each: the ids of the difficult texts (tests/models/reference.json), and a hash over those of 10,000 lines drawn from them.
The files are trained on texts of this repository; as those change, so do the files, all at once.
"""
import base64
import io
import json
import pathlib

import sentencepiece
import tiktoken

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "src/text/testdata/reference"
DIFFICULT = [entry["text"] for entry in
             json.loads((ROOT / "tests/models/reference.json").read_text(encoding="utf-8"))["tokenization"]]
LINES = 10_000
# A character, what stands for it: some of each kind that NFKC has, and one that goes.
RULES = {"ﬁ": "fi", "½": "1⁄2", "²": "2", "③": "3", "１": "1", "全": "ALL", "\u3000": " ", "\t": " ", "\n": " ",
         "\xa0": " ", "e\u0301": "é", "\u200b": "", "🙂": ":-)", "Straße": "street", "'s": " is"}
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"
          r"\s+(?!\S)|\s+")
NAMED = ["begin_of_text", "end_of_text", "reserved_special_token_0", "reserved_special_token_1", "finetune_right_pad_id",
         "step_id", "start_header_id", "end_header_id", "eom_id", "eot_id", "python_tag"]


def lines():
    """As file_tokenizer_reference_test.cc draws them."""
    words = " ".join(DIFFICULT).split(" ")
    joints = [" ", "", "  ", "\n", "\t", " ▁"]
    state = 1

    def draw(count):
        nonlocal state
        state = (state * 1664525 + 1013904223) % 2**32
        return (state >> 16) % count

    for _ in range(LINES):
        line = ""
        for _ in range(1 + draw(12)):
            line += words[draw(len(words))] + joints[draw(len(joints))]
        yield line


def fnv(lists):
    """FNV-1a, 64 bits, over the ids of each line and an end, 32 bits each in little-endian order."""
    value = 0xCBF29CE484222325
    for ids in lists:
        for byte in b"".join(number.to_bytes(4, "little") for number in [*ids, 0xFFFFFFFF]):
            value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}"


def corpus():
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").rglob("*.md"))]
    return "\n".join(texts).splitlines() + DIFFICULT * 2


def write(name, content, encode):
    (OUT / name).write_bytes(content)
    reference = {"texts": [encode(text) for text in DIFFICULT], "lines": fnv(map(encode, lines()))}
    (OUT / f"{name}.json").write_text(json.dumps(reference, separators=(",", ":")) + "\n")
    print(name, len(content), "bytes, hash", reference["lines"])


def sentencepiece_model(name, **options):
    (OUT / "rules.tsv").write_text("".join(
        " ".join(f"{ord(c):X}" for c in key) + "\t" + " ".join(f"{ord(c):X}" for c in value) + "\n"
        for key, value in RULES.items()))
    if options.pop("rules", False):
        options["normalization_rule_tsv"] = str(OUT / "rules.tsv")
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(corpus()), model_writer=model, minloglevel=2,
                                             num_threads=1, **options)
    (OUT / "rules.tsv").unlink(missing_ok=True)
    write(name, model.getvalue(), sentencepiece.SentencePieceProcessor(model_proto=model.getvalue()).encode)


def ranks(count):
    """The commonest substrings of words, after the 256 bytes: tiktoken takes any order of them."""
    found = {}
    for word in " ".join(corpus()).split(" "):
        for begin in range(len(word)):
            for end in range(begin + 2, min(begin + 6, len(word)) + 1):
                for token in (word[begin:end].encode(), (" " + word[begin:end]).encode()):
                    found[token] = found.get(token, 0) + 1
    common = sorted(found, key=lambda token: (-found[token] * len(token), token))
    return {token: rank for rank, token in enumerate([bytes([byte]) for byte in range(256)] + common[:count - 256])}


def tiktoken_file(name, count):
    known = ranks(count)
    special = [f"<|{text}|>" for text in NAMED + [f"reserved_special_token_{i}" for i in range(2, 247)]]
    encoding = tiktoken.Encoding(name, pat_str=LLAMA3, mergeable_ranks=known,
                                 special_tokens={text: count + i for i, text in enumerate(special)})
    content = b"".join(base64.b64encode(token) + b" %d\n" % rank for token, rank in known.items())
    write(name, content, lambda text: encoding.encode(text, allowed_special="all"))


OUT.mkdir(exist_ok=True)
LLAMA = {"model_type": "bpe", "byte_fallback": True, "normalization_rule_name": "identity",
         "remove_extra_whitespaces": False, "split_digits": True, "allow_whitespace_only_pieces": True}
sentencepiece_model("llama.model", vocab_size=512, character_coverage=0.985, **LLAMA)
sentencepiece_model("gemma.model", vocab_size=600, character_coverage=0.985, add_dummy_prefix=False, pad_id=0, eos_id=1,
                    bos_id=2, unk_id=3, **LLAMA,
                    user_defined_symbols=["<mask>", "<start_of_turn>", "<end_of_turn>", "<table>"] +
                    ["\n" * count for count in range(1, 4)] + ["▁" * count for count in range(2, 6)])
sentencepiece_model("unigram.model", vocab_size=400, model_type="unigram", character_coverage=0.99, rules=True,
                    user_defined_symbols=["<|end|>", "ing", "a b"])
sentencepiece_model("unigram_bytes.model", vocab_size=600, model_type="unigram", character_coverage=0.985, rules=True,
                    byte_fallback=True, treat_whitespace_as_suffix=True)
sentencepiece_model("bpe_rules.model", vocab_size=400, model_type="bpe", character_coverage=0.99, rules=True,
                    user_defined_symbols=["<|end|>", "aaa"])
tiktoken_file("llama3.tiktoken", 700)
