"""Writes the tokenizers of the tests beside this file; needs the PyPI package `tokenizers` 0.23."""
import json
import pathlib

from tokenizers import (AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers,
                        processors, trainers)

HERE = pathlib.Path(__file__).parent
TEXT = """The name of the city is Paris. Once upon a time there was a colour: red, green or blue.
{"name": "Ada", "age": 36, "tags": ["one", "two"], "active": true, "next": null, "good": false}
What is the capital of France? The capital of France is Paris, and the answer is 42.""".splitlines()


def save(tokenizer, name, **configs):
    folder = HERE / name
    (folder / "tokenizer.json").write_text(
        json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":")) + "\n")
    for file, content in configs.items():
        (folder / f"{file}.json").write_text(json.dumps(content, indent=2) + "\n")


def byte_level():
    """GPT-2's kind, with ChatML's special tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=special, show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(TEXT * 2, trainer)
    tokenizer.add_tokens(["<think>", "日本"])
    save(tokenizer, "byte_level",
         tokenizer_config={"bos_token": {"content": "<|im_start|>"}, "eos_token": "<|im_end|>"},
         generation_config={"eos_token_id": [2, 0]})


def sentencepiece():
    """Llama 2's kind: ▁ for spaces, bytes as <0x0A>, BOS added; no configuration beside it."""
    words = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    pieces = list("▁abcdehlorw")
    merges = [("h", "e"), ("l", "l"), ("he", "ll"), ("hell", "o"), ("▁", "hello"), ("▁", "w")]
    words += pieces + ["".join(pair) for pair in merges]
    tokenizer = Tokenizer(models.BPE({word: id for id, word in enumerate(words)}, merges,
                                     unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(),
         decoders.Strip(" ", 1, 0)])
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    tokenizer.add_tokens([AddedToken("▁▁▁▁", normalized=False)])
    tokenizer.post_processor = processors.TemplateProcessing(
        "<s> $A", "<s> $A $B", [("<s>", 1)])
    save(tokenizer, "sentencepiece")


byte_level()
sentencepiece()
