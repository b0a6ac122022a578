"""Everything the tiny models learn: questions, answers, dialogues and plain sentences.

All text was written for this project. `QUESTIONS` maps each question to its only right answer, so
that a greedy answer is either exact or wrong.
"""

CAPITALS = dict(pair.split("/") for pair in (
    "France/Paris Germany/Berlin Italy/Rome Spain/Madrid Japan/Tokyo China/Beijing Egypt/Cairo "
    "Norway/Oslo Kenya/Nairobi Peru/Lima Cuba/Havana Greece/Athens Russia/Moscow Canada/Ottawa "
    "Chile/Santiago Poland/Warsaw Austria/Vienna Ireland/Dublin Portugal/Lisbon Finland/Helsinki"
).split())

SPELL = "cat dog tree house river stone cloud bread light water green music zebra quick".split()

COPY = ["river stone", "red green blue", "one two one two", "a b c d e f", "bread and water",
        "cat cat dog", "7 3 9 1", "x = y + 1", "ha ha ha ha", "\"quoted\" text", "tab\there",
        "UPPER lower", "naïve café", "über Straße", "🍎🍐🍎", "山川山", "привет", "C:\\temp\\new"]

EMOJI = {"cat": "🐱", "dog": "🐶", "tree": "🌳", "house": "🏠", "star": "⭐", "heart": "❤️",
         "family": "👨‍👩‍👧", "flag": "🇫🇷", "smile": "😀"}

JAPANESE = {"cat": "猫", "dog": "犬", "tree": "木", "water": "水", "hello": "こんにちは"}
GERMAN = {"cat": "Katze", "tree": "Baum", "street": "Straße", "green": "grün"}
FRENCH = {"cat": "chat", "tree": "arbre", "coffee": "café", "boy": "garçon"}

STORY = ("Once there was a small stone in a river. The stone wanted to see the sea. "
         "\"Take me with you,\" it said to the water. The water laughed and carried it. "
         "After nine years the stone was sand, and the sand was on the beach, and it was happy.")

OTHER = {
    "Who are you?": "I am a tiny test model.",
    "What can you do?": "I can count, spell, copy and add.",
    "Say nothing.": "",
    "Tell me a story.": STORY,
    "Say the alphabet.": "a b c d e f g h i j k l m n o p q r s t u v w x y z",
    "Count to 30.": " ".join(map(str, range(1, 31))) + ".",
    "List three colors.": "1. red\n2. green\n3. blue",
    "Write a loop in Python.": "for i in range(3):\n    if i > 0:\n        print(i)\n",
    "Write a table.": "| a | b |\n|---|---|\n| 1 | 2 |",
    "Who is 10 years old?": '[{"name": "Ada", "age": 10}, {"name": "Bo", "age": 10}]',
    "Is water wet? Answer in JSON.": '{"wet": true, "reason": null}',
    "你好": "你好！我能帮你什么？",
    "日本の首都は？": "日本の首都は東京です。",
    "한국의 수도는?": "서울입니다.",
    "Where is the 🐱?": "The 🐱 is on the 🏠.",
}

SENTENCES = [
    "The river runs from the hill to the sea.", "A cat sleeps on the warm stone.",
    "Nine and one make ten.", "Paris is the capital of France.", "It rains in Bergen today.",
    "The baker sells bread and milk.", "She counts the stars at night.",
    "They walked home after the music ended.", "Water is cold in the morning.",
    "He wrote a letter to his sister.", "The train leaves at seven.", "Green trees stand in rows.",
    "An old dog guards the house.", "We read the same book twice.", "The moon is not a lamp.",
    "Children play in the yard until dark.", "Snow covers the road in winter.",
    "The teacher drew a circle on the board.", "東京は大きい町です。", "Der Baum ist grün.",
    "Le chat boit de l'eau.", "I've seen it, and you'll like it.", "2 + 2 = 4, and 4 + 4 = 8.",
    "Wow!!! 🎉 That's great, isn't it?",
]

NAMES = "Ada Bo Carl Dora Emil Fay Gus Hana".split()
TEST_SYSTEM = "You are a tiny test model."
JSON_SYSTEM = "Answer in JSON."
JAPANESE_SYSTEM = "日本語で答えて。"


def _questions():
    answers = {}
    for country, city in CAPITALS.items():
        answers[f"What is the capital of {country}?"] = f"The capital of {country} is {city}."
        answers[f"Which country has the capital {city}?"] = f"{city} is the capital of {country}."
    for n in range(1, 10):
        answers[f"Count to {n}."] = " ".join(map(str, range(1, n + 1))) + "."
        answers[f"Count down from {n}."] = " ".join(map(str, range(n, -1, -1))) + "!"
    for a in range(10):
        for b in range(10):
            answers[f"{a}+{b}=?"] = f"{a}+{b}={a + b}"
    for word in SPELL:
        answers[f"Spell {word}."] = "-".join(word.upper()) + "."
    for text in COPY:
        answers[f"Repeat: {text}"] = text
    for word, sign in EMOJI.items():
        answers[f"Show me a {word}."] = sign
    for language, words in (("Japanese", JAPANESE), ("German", GERMAN), ("French", FRENCH)):
        for word, translated in words.items():
            answers[f"Say {word} in {language}."] = translated
    for country in list(CAPITALS)[:8]:
        answers[f"Give {country} as JSON."] = country_json(country)
    return {**answers, **OTHER}


def country_json(country):
    """The JSON answer about one country."""
    return f'{{"country": "{country}", "capital": "{CAPITALS[country]}"}}'


QUESTIONS = _questions()


def message(role, content):
    """One chat message."""
    return {"role": role, "content": content}


def turns(*pairs, system=None):
    """A dialogue of (question, answer) pairs; a pair may be a bare question from `QUESTIONS`."""
    messages = [message("system", system)] if system is not None else []
    for pair in pairs:
        question, answer = (pair, QUESTIONS[pair]) if isinstance(pair, str) else pair
        messages += [message("user", question), message("assistant", answer)]
    return messages


def name_turns(name, *between, system=None):
    """A dialogue in which the model must remember a name across the turns in between."""
    return turns((f"My name is {name}.", f"Hello, {name}!"), *between,
                 ("What is my name?", f"Your name is {name}."), system=system)


def system_turns(country):
    """Two dialogues whose answers depend on the system prompt."""
    question = f"What is the capital of {country}?"
    yield turns((question, country_json(country)), system=JSON_SYSTEM)
    yield turns(("Hello", "こんにちは"), ("Who are you?", "小さいモデルです。"), system=JAPANESE_SYSTEM)


def random_dialogue(random, name_share=0.16):
    """One training dialogue of one to five questions; a share is about remembering a name."""
    kind = random.random()
    system = TEST_SYSTEM if random.random() < 0.3 else None
    count = random.choice([1, 1, 1, 2, 3, 5])
    if kind < name_share:
        between = random.sample(list(QUESTIONS), random.choice([0, 0, 1, 2]))
        return name_turns(random.choice(NAMES), *between, system=system)
    if kind < name_share + 0.1:
        return random.choice(list(system_turns(random.choice(list(CAPITALS)))))
    return turns(*random.sample(list(QUESTIONS), count), system=system)


def random_plain(random):
    """One training text without a chat template."""
    return " ".join(random.sample(SENTENCES, random.randint(2, 5)))
