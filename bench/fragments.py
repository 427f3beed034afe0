"""Find the sentences of ordinary messages that look like danger when they stand alone, and write them down as examples.

The screen reads a message sentence by sentence and takes the worst, but learns from whole messages: without these it
takes half-sentences for danger that no example told it of. On authors it had not seen, a quarter more danger was found
at the same share of false alarms. Run `python -m bench.fragments` after `python -m bot train`, read what it wrote, and
train again.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

from bot.embedding import training_embedder
from bot.screening.classifier import HEADS, OFFSET, SLOPE, Classifier
from bot.screening.examples import Example, read_examples
from bot.screening.kernel import likeness
from bot.screening.lexicon import Lexicon
from bot.screening.person import language
from bot.screening.segments import segments
from bot.screening.verdict import Tier

ROOT = Path(__file__).resolve().parent.parent
DATA, MODEL = ROOT / "data" / "screening", ROOT / "models" / "screening"
FILE = DATA / "examples" / "fragments.yml"
# What looks more like danger than this alone had better stay so: the words may be someone else's danger.
LEAST, MOST = 0.3, 0.85
SHORT, MOST_SHORT = 4, 0.5   # words; the fewer, the more a sentence can mean
TOO_NEAR = 0.86              # cosine to a sentence of a message in danger
ROWS = 2000


def sentences(lexicon: Lexicon, examples: list[Example]) -> list[str]:
    """Return the parts of messages of more than one part, each once."""
    found: dict[str, None] = {}
    for example in examples:
        words = lexicon.normaliser.read(example.text)
        parts = segments(words)
        found |= dict.fromkeys(part.text(words) for part in parts if len(parts) > 1)
    found.pop("", None)
    return list(found)


def scores(model: Classifier, texts: list[str]) -> np.ndarray:
    """Return how likely each text is a crisis by itself, shape (n,)."""
    crisis, out = HEADS.index("crisis"), []
    for start in range(0, len(texts), ROWS):
        some = texts[start:start + ROWS]
        places = training_embedder().encode(some) @ model.basis
        out.append((likeness(places @ model.examples.T) @ model.weights + model.by_letters(some))[:, crisis])
    return 1 / (1 + np.exp(-(SLOPE["crisis"] * np.concatenate(out) + OFFSET["crisis"])))


def hard(lexicon: Lexicon, model: Classifier, examples: list[Example]) -> list[str]:
    """Return the parts of ordinary messages that read as danger, and that no message in danger has."""
    dangerous = sentences(lexicon, [one for one in examples if one.tier >= Tier.CRISIS])
    harmless = [one for one in examples if one.tier <= Tier.INFO and not one.name.startswith(FILE.stem)]
    ordinary = sorted(set(sentences(lexicon, harmless)) - set(dangerous))
    likely = scores(model, ordinary)
    near = training_embedder().encode(ordinary) @ training_embedder().encode(dangerous).T
    return [text for text, chance, alike in zip(ordinary, likely, near.max(axis=1))
            if LEAST < chance <= (MOST if len(text.split()) >= SHORT else MOST_SHORT) and alike < TOO_NEAR
            and all(hit.tier < Tier.CHECK_IN for hit in lexicon.read(lexicon.normaliser.read(text)))]


def main() -> int:
    """Write the file anew, above its entries the lines that explain it."""
    lexicon = Lexicon(DATA / "lexicon")
    model = Classifier.load(MODEL, training_embedder())  # type: ignore[arg-type]
    examples = read_examples(DATA / "examples")
    kept = [one.text for one in examples if one.name.startswith(FILE.stem)]
    found = list(dict.fromkeys([*kept, *hard(lexicon, model, examples)]))
    head = re.split(r"^  - ", FILE.read_text(encoding="utf-8"), maxsplit=1, flags=re.MULTILINE)[0]
    lines = [f"  - {{text: {json.dumps(text, ensure_ascii=False)}, tier: none, category: none, subject: self, "
             f"language: {language(text.split())}, style: plain}}\n" for text in found]
    FILE.write_text(head + "".join(lines), encoding="utf-8")
    print(f"{len(found)} sentences, {len(found) - len(kept)} of them new")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
