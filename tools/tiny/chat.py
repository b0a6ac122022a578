"""The tiny models' chat template, special tokens and byte-level BPE tokenizer."""

import json

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

import corpus

SPECIALS = ["<|pad|>", "<|bos|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"]
PAD, BOS, END = 0, 1, 2
VOCABULARY = 512
CONTEXT = 1024

# One line without block tags at line ends, so trim and lstrip settings of a renderer cannot matter.
TEMPLATE = (
    "{{ bos_token }}"
    "{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def render(messages, generate=False):
    """What the template must give; `generate` adds the assistant's opening token."""
    body = "".join(f"<|{m['role']}|>{m['content']}<|end|>" for m in messages)
    return "<|bos|>" + body + ("<|assistant|>" if generate else "")


def train_tokenizer():
    """A GPT-2 style tokenizer: no normalizer, GPT-2's pre-tokenizer, all 256 bytes, no merges
    across special tokens, nothing added by itself."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=SPECIALS, show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    texts = [text for pair in corpus.QUESTIONS.items() for text in pair] + corpus.SENTENCES * 3
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def tokenizer_config():
    """The Hugging Face description of the tokenizer."""
    added = {str(i): {"content": text, "special": True, "lstrip": False, "rstrip": False,
                      "normalized": False, "single_word": False}
             for i, text in enumerate(SPECIALS)}
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "add_bos_token": False, "add_eos_token": False, "add_prefix_space": False,
        "bos_token": SPECIALS[BOS], "eos_token": SPECIALS[END], "pad_token": SPECIALS[PAD],
        "clean_up_tokenization_spaces": False,
        "model_max_length": CONTEXT,
        "added_tokens_decoder": added,
        "chat_template": TEMPLATE,
    }


def write_json(path, value):
    """Writes indented UTF-8 JSON with a closing newline."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def save(tokenizer, folder):
    """Writes the tokenizer's two files into `folder`."""
    tokenizer.save(str(folder / "tokenizer.json"))
    write_json(folder / "tokenizer_config.json", tokenizer_config())
