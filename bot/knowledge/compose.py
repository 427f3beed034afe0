"""Puts an answer's text together from reviewed parts, and checks what comes out."""

from __future__ import annotations

import string
from dataclasses import dataclass
from pathlib import Path
from typing import Collection, Mapping, Sequence

from .caveats import choose
from .deny import holds_denied
from .files import read_yaml
from .model import Answer, Article, Caveat, Entry, Passage, Source


@dataclass(frozen=True)
class Wording:
    """The fixed sentences around an answer."""

    abstain: str
    unsure: str
    source_one: str
    source_many: str
    passage: str
    defaults: Mapping[str, str]


def read_wording(path: Path) -> Wording:
    """Return the fixed sentences; raises `KnowledgeError`."""
    content = read_yaml(path)
    return Wording(
        abstain=content["abstain"], unsure=content["unsure"], source_one=content["source_one"],
        source_many=content["source_many"], passage=content["passage"],
        defaults=content.get("facts_by_default") or {})


@dataclass(frozen=True)
class Composer:
    """Turns an entry or a passage into the answer that a patient reads."""

    wording: Wording
    caveats: Mapping[str, Caveat]
    articles: Mapping[str, Article]
    titles: Mapping[str, str]
    denied: list[str]
    facts: Mapping[str, str]

    def entry(self, entry: Entry, score: float, first: bool, shown: Collection[str]) -> Answer:
        """Return the answer of an entry; a clinic fact that is not known becomes an honest abstain."""
        always = [key for line in entry.lines for key in self._always(line.article)]
        keys = choose([*entry.caveats, *always], first=first and speaks_of_ketamine(entry), shown=shown)
        body = " ".join(line.shown for line in entry.lines) if entry.lines else self.fill(entry.text)
        kind = entry.kind
        if body is None:
            kind = "abstain" if kind == "clinic" else kind
            body = self.fill(entry.text_without_facts) or self.abstain_text()
        sources = tuple(
            Source(line.article, self._title(line.article), line.section, line.quote) for line in entry.lines)
        text = self._join([body, entry.contrast], keys, sources)
        return self._checked(Answer(
            kind, entry.id, text, keys, sources, self._questions(entry.suggestions), score, entry.offers))

    def passage(self, passage: Passage, score: float, first: bool, shown: Collection[str]) -> Answer:
        """Return a reviewed sentence of an article, with its heading, caveats and source."""
        keys = choose(passage.caveats, first=first, shown=shown)
        source = Source(passage.article, passage.title, passage.section, passage.quote)
        heading = passage.section.lstrip("0123456789. ")
        body = self.wording.passage.format(section=heading, quote=passage.quote)
        return self._checked(Answer("answer", "passage", self._join([body], keys, (source,)), keys,
                                    (source,), (), score))

    def abstain(self, score: float) -> Answer:
        """Return the honest answer that the articles don't say, with the offer of a person."""
        return Answer("abstain", "abstain", self.abstain_text(), score=score, offers=("handoff",))

    def unsure(self, ids: Sequence[str], score: float) -> Answer:
        """Return an abstain that asks which of these topics was meant; a plain one when there is none."""
        questions = self._questions(ids)
        if not questions:
            return self.abstain(score)
        text = (self.fill(self.wording.unsure) or "") + "".join(f"\n- {q}" for q in questions)
        return Answer("abstain", "unsure", text, suggestions=questions, score=score, offers=("handoff",))

    def abstain_text(self) -> str:
        """Return the words of an abstain."""
        return self.fill(self.wording.abstain) or ""

    def fill(self, text: str) -> str | None:
        """Return the text with the clinic's facts in it, or None when one of them is not known."""
        known = {**self.wording.defaults, **{k: v for k, v in self.facts.items() if v}}
        needed = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        return text.format_map(known) if text and needed <= known.keys() else None

    def _join(self, parts: Sequence[str], keys: Sequence[str], sources: Sequence[Source]) -> str:
        lines = [part for part in parts if part]
        lines += [self.caveats[key].text for key in keys if key in self.caveats]
        titles = list(dict.fromkeys(source.title for source in sources))
        if titles:
            pattern = self.wording.source_one if len(titles) == 1 else self.wording.source_many
            lines.append(pattern.format(titles="; ".join(titles)))
        # Single line breaks: Rasa's channels cut a text at blank lines.
        return "\n".join(lines)

    def _checked(self, answer: Answer) -> Answer:
        # Nothing denied is ever shown, whatever a file of answers says.
        quotes = [source.quote for source in answer.sources]
        if any(holds_denied(part, self.denied) for part in [answer.text, *quotes]):
            return self.abstain(answer.score)
        return answer

    def _title(self, article: str) -> str:
        found = self.articles.get(article)
        return found.title if found else article

    def _always(self, article: str) -> tuple[str, ...]:
        found = self.articles.get(article)
        return found.always_with if found else ()

    def _questions(self, ids: Sequence[str]) -> tuple[str, ...]:
        return tuple(self.titles[i] for i in ids if i in self.titles)


def speaks_of_ketamine(entry: Entry) -> bool:
    """Return whether an answer is about ketamine, so that its status must be said once."""
    said = " ".join([entry.title, *(line.shown for line in entry.lines)]).lower()
    return entry.kind == "answer" and bool(entry.lines) and (
        "ketamine" in said or "infusion" in said or "session" in said)
