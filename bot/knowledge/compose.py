"""Puts an answer's text together from reviewed parts, and checks what comes out."""

from __future__ import annotations

import string
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Mapping, Sequence

from .caveats import CRISIS, choose
from .deny import holds_denied
from .entries import read_line
from .files import KnowledgeError, read_yaml
from .model import Answer, Article, Caveat, Entry, Line, Passage, Situation, Source


@dataclass(frozen=True)
class Wording:
    """The fixed sentences around an answer."""

    abstain: str
    unsure: str
    source_one: str
    source_many: str
    passage: str
    more: str
    no_more: str
    next: str
    general: str
    where: str
    where_caveats: str
    where_nothing: str
    again: str
    in_general: str
    risk: Line
    defaults: Mapping[str, str]


def read_wording(path: Path) -> Wording:
    """Return the fixed sentences; raises `KnowledgeError`."""
    content = read_yaml(path)
    sentences = ("abstain", "unsure", "source_one", "source_many", "passage", "more", "no_more", "next", "general",
                 "where", "where_caveats", "where_nothing", "again", "in_general")
    try:
        return Wording(**{name: content[name] for name in sentences}, risk=read_line(content["risk"]),
                       defaults=content.get("facts_by_default") or {})
    except (KeyError, TypeError) as error:
        raise KnowledgeError(f"{path}: {error} is missing") from error


@dataclass(frozen=True)
class Composer:
    """Turns an entry or a passage into the answer that a patient reads."""

    wording: Wording
    caveats: Mapping[str, Caveat]
    articles: Mapping[str, Article]
    titles: Mapping[str, str]
    denied: list[str]
    facts: Mapping[str, str]

    def entry(self, entry: Entry, score: float, situation: Situation, instead: Entry | None = None) -> Answer:
        """Return the answer of an entry; a clinic fact that is not known becomes an honest abstain.

        With `instead`, what the articles say in general follows where the clinic's own fact is not known.
        """
        kind, body = entry.kind, " ".join(line.shown for line in entry.lines) or self.fill(entry.text)
        lines, own, contrast, general = entry.lines, entry.caveats, entry.contrast, ""
        if body is None:
            kind = "abstain" if kind == "clinic" else kind
            body = self.fill(entry.text_without_facts) or self.abstain_text()
            if instead is not None:
                lines, own, contrast = instead.lines, instead.caveats, instead.contrast
                general = f"{self.wording.in_general} {' '.join(line.shown for line in lines)}"
        # What is not an answer from the articles is about someone's safety: its block is part of it.
        demanded = entry.demands or (() if entry.kind == "answer" else own[:1])
        ketamine = speaks_of_ketamine(instead if general and instead else entry)
        keys = self._keys(own, lines, situation, demanded, ketamine)
        body, lines = self._with_risk(body, lines, keys, situation)
        text = self._join([body, general, self.fill(contrast) or ""], keys, self._sources(lines))
        return self._checked(Answer(
            kind, entry.id, text, keys, self._sources(lines), self._questions(entry.suggestions), score, entry.offers,
            tier=entry.tier, category=entry.category, subject=entry.subject))

    def passage(self, passage: Passage, score: float, situation: Situation) -> Answer:
        """Return a reviewed sentence of an article, with its heading, caveats and source."""
        return self.passages([passage], self.wording.passage, "passage", score, situation)

    def passages(self, found: Sequence[Passage], lead: str, topic: str, score: float, situation: Situation,
                 own: Sequence[str] = (), suggestions: Sequence[str] = ()) -> Answer:
        """Return reviewed sentences of articles, each introduced by `lead`; `own` caveats come before theirs."""
        lines: tuple[Line, ...] = tuple(Line(passage.article, passage.section, passage.quote) for passage in found)
        body = " ".join(lead.format(section=line.section.lstrip("0123456789. "), quote=line.quote) for line in lines)
        keys = self._keys([*own, *(key for passage in found for key in passage.caveats)], lines, situation, (), True)
        body, lines = self._with_risk(body, lines, keys, situation)
        sources = self._sources(lines)
        general = "" if sources else self.wording.general
        return self._checked(Answer("answer", topic, self._join([body], keys, sources, general), keys, sources,
                                    self._questions(suggestions), score))

    def _keys(self, own: Sequence[str], lines: Sequence[Line], situation: Situation, demanded: Sequence[str],
              ketamine: bool) -> tuple[str, ...]:
        imported = list(dict.fromkeys(key for line in lines for key in self._always(line.article)))
        crisis = [CRISIS] if situation.alarming else []
        return choose([*crisis, *(key for key in own if key not in imported or key == own[0])], imported=imported,
                      demanded=demanded, first=situation.first and ketamine, shown=situation.shown)

    def _with_risk(self, body: str, lines: tuple[Line, ...], keys: Sequence[str],
                   situation: Situation) -> tuple[str, tuple[Line, ...]]:
        """Return the answer with a risk beside it, when its articles name none and their block found no room."""
        needed = {key for line in lines for key in self._always(line.article)}
        risk = self.wording.risk
        said = {line.quote for line in lines} | {source.quote for source in situation.sources}
        if needed <= set(keys) or risk.quote in said:
            return body, lines
        return f"{body} {risk.shown}", (*lines, risk)

    def _sources(self, lines: Sequence[Line]) -> tuple[Source, ...]:
        return tuple(Source(line.article, self._title(line.article), line.section, line.quote) for line in lines)

    def abstain(self, score: float) -> Answer:
        """Return the honest answer that the articles don't say, with the offer of a person."""
        return Answer("abstain", "abstain", self.abstain_text(), score=score, offers=("handoff",))

    def unsure(self, ids: Sequence[str], score: float) -> Answer:
        """Return an abstain that asks which of these topics was meant; a plain one when there is none."""
        questions = self._questions(ids)
        if not questions:
            return self.abstain(score)
        text = (self.fill(self.wording.unsure) or "") + "".join(f"\n- {q}" for q in questions)
        return Answer("abstain", "unsure", text, suggestions=questions, score=score, offers=("handoff",),
                      options=tuple(ids))

    def plain(self, text: str, topic: str, suggestions: Sequence[str]) -> Answer:
        """Return one of the fixed sentences as an answer that keeps the topic, with an offer of a person."""
        return Answer("abstain", topic, self.fill(text) or "", suggestions=self._questions(suggestions),
                      offers=("handoff",))

    def where(self, situation: Situation) -> Answer:
        """Return the places that the last answer's words stand at, and the documents behind its caveats."""
        lines = [self.wording.where.format(title=source.title, section=source.section, quote=source.quote)
                 for source in situation.sources]
        documents = dict.fromkeys(name for key in situation.said for name in self.caveats[key].documents)
        if documents:
            lines.append(self.wording.where_caveats.format(documents="; ".join(documents)))
        text = "\n".join(lines) or self.fill(self.wording.where_nothing) or ""
        return self._checked(Answer("answer" if lines else "abstain", situation.topic, text, (), situation.sources,
                                    offers=() if lines else ("handoff",)))

    def again(self, answer: Answer) -> Answer:
        """Return an answer once more, with the reason why the words are the same."""
        return replace(answer, text=f"{self.wording.again}\n{answer.text}", offers=("handoff", *answer.offers))

    def abstain_text(self) -> str:
        """Return the words of an abstain."""
        return self.fill(self.wording.abstain) or ""

    def fill(self, text: str) -> str | None:
        """Return the text with the clinic's facts in it, or None when one of them is not known."""
        known = {**self.wording.defaults, **{k: v for k, v in self.facts.items() if v}}
        known |= {name.capitalize(): value[:1].upper() + value[1:] for name, value in known.items()}
        needed = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        return text.format_map(known) if text and needed <= known.keys() else None

    def _join(self, parts: Sequence[str], keys: Sequence[str], sources: Sequence[Source], last: str = "") -> str:
        lines = [part for part in parts if part]
        lines += [self.fill(self.caveats[key].text) or "" for key in keys if key in self.caveats]
        titles = list(dict.fromkeys(source.title for source in sources))
        if titles:
            pattern = self.wording.source_one if len(titles) == 1 else self.wording.source_many
            lines.append(pattern.format(titles="; ".join(titles)))
        elif last:
            lines.append(last)
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
    return entry.kind == "answer" and bool(entry.lines) and entry.about == "ketamine"
