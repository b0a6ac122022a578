"""The prompts of tests/models/reference.json."""

import corpus
from corpus import name_turns, turns

_ALONE = [
    "What is the capital of France?", "What is the capital of Egypt?",
    "Which country has the capital Lima?", "Which country has the capital Helsinki?",
    "Count to 7.", "Count to 30.", "Count down from 5.", "3+4=?", "9+9=?", "0+0=?",
    "Spell house.", "Spell zebra.", "Repeat: river stone", "Repeat: one two one two",
    "Repeat: tab\there", "Repeat: naïve café", "Repeat: 🍎🍐🍎", "Repeat: C:\\temp\\new",
    "Repeat: привет", "Show me a family.", "Show me a flag.", "Say hello in Japanese.",
    "Say street in German.", "Say boy in French.", "你好", "日本の首都は？", "한국의 수도는?",
    "Where is the 🐱?", "Give Norway as JSON.", "Who is 10 years old?",
    "Is water wet? Answer in JSON.", "Write a loop in Python.", "Write a table.",
    "List three colors.", "Say nothing.", "Tell me a story.", "Say the alphabet.",
]

_DIALOGUES = [
    turns("Who are you?", system=corpus.TEST_SYSTEM),
    turns("4+5=?", "Show me a dog.", system=corpus.TEST_SYSTEM),
    turns("What is the capital of Japan?", "日本の首都は？"),
    turns("Spell tree.", "Say nothing.", "Count to 3."),
    turns("Say the alphabet.", "Count to 30.", "Tell me a story.", "Write a table.", "8+7=?",
          system=corpus.TEST_SYSTEM),
    name_turns("Ada"),
    name_turns("Dora", "2+2=?"),
    name_turns("Gus", "Where is the 🐱?", "Give Japan as JSON.", system=corpus.TEST_SYSTEM),
    *corpus.system_turns("Norway"),
    list(corpus.system_turns("Chile"))[0],
    list(corpus.system_turns("Chile"))[1][:3],
]

KNOWN = [turns(question) for question in _ALONE] + _DIALOGUES

FREE = ["<|bos|>" + text for text in (
    "The river runs", "A cat sleeps on", "Paris is the", "Nine and one", "Der Baum", "東京は",
    "Snow covers the road in winter. The moon", "I've seen it, and", "Wow!!! 🎉", "2 + 2 =",
    "The train leaves at seven. Children", "The baker sells", "She counts", "Le chat boit",
    "Water is cold in the morning. He wrote", "An old dog", "It rains", "We read the same book",
    "Green trees stand in rows. They", "The teacher drew a circle on the board. Snow",
    "Once upon a time", "Hello world", "def add(a, b):\n    return", "{\"key\": ", "1, 2, 3, 4,",
    "Dear Sir or Madam,", "<|user|>What is the capital of Mars?<|end|><|assistant|>",
    "<|user|>Count to 12.<|end|><|assistant|>", "<|user|>Tell me a joke.<|end|><|assistant|>",
    "<|user|>Repeat: stone river<|end|><|assistant|>", "<|user|>Hi!", "🙂", "山", "\n\n\n",
)]
FREE_COUNT, FREE_TOKENS = 20, 64

SCORED = [
    "<|bos|><|user|>What is the capital of Spain?<|end|><|assistant|>"
    "The capital of Spain is Madrid.<|end|>",
    "<|bos|>Snow covers the road in winter. Der Baum ist grün. 東京は大きい町です。",
    "<|bos|>Nothing like this was ever seen: {\"a\": [1, 2]}\n\t🙂 naïve?<|end|><|pad|>",
]

TOKENIZED = [
    "", " ", "  ", "   a", "a  b", "a   b ", "\t", "\ta\t\tb", "\n", "\n\n", " \n \n", "a\r\nb",
    "hello", " hello", "Hello, world!", "I'm you're we've he'll she'd it's can't", "I'M YOU'RE",
    "'s't're", "1", "12", "123456", "3.14159", " 42 ", "a1b2c3", "2024-01-02T03:04:05Z", "１２３",
    "½²③", "naïve café", "cafe\u0301", "Straße", "ПРИВЕТ мир", "שלום", "مرحبا", "नमस्ते", "สวัสดี",
    "你好，世界！", "日本語のテキスト", "한국어", "🙂", "👨‍👩‍👧", "🇫🇷🇩🇪", "❤️", "a🙂b", "\u00a0x\u00a0", "a\u2003b",
    "\u200b\u200d\ufeff", "\u3000全角", "\u0000\u0001\u007f", "x\u0085y", "a\u2028b\u180ec", "\U000e0041𝔘𝟜",
    "<|end|>", "<|user|>hi<|end|>", "<|bos|><|bos|>", " <|end|> ", "a<|end|>b", "<|END|>",
    "<|end |>", "<|unknown|>", "<|", "|>", "<|end|", "<|<|end|>|>", "<|pad|>x",
    "def f(x):\n    return x  # ok\n", "{\"a\": [1, 2.5, null]}", "C:\\path\\file", "--==::!!??..",
    "a" * 40, "=" * 17, " " * 33 + "x",
]
