"""Writes the answer card as Markdown, and holds its figures to their floors."""

from __future__ import annotations

from typing import Any, Mapping

from bot.evaluation.card import below_floor, percent

TABLES = (("by_set", "By set"), ("by_topic", "By topic"), 
          ("by_behaviour", "By behaviour, questions that no topic answers"))


def answer_page(card: Mapping[str, Any]) -> str:
    """Return the card as a page; the questions themselves stand in the JSON file."""
    lines = [
        "# Answer card", "",
        f"{card['questions']} questions held apart from the phrasings (`data/evaluation`), each asked in a "
        "conversation of its own and answered the whole way: screen, dialogue, answers "
        f"({card['entries']} entries). Shares with 95 % Wilson intervals. Written by `python -m bot evaluate`.", "",
        "## What counts most", "", "| figure | share |", "|---|---|"]
    lines += [f"| {name} | {percent(figure)} |" for name, figure in card["headline"].items()]
    lines += ["", "## What must never be", "",
              f"Looked for in {card['replies']} replies: to the questions, to every heading and sentence of the "
              "articles used as a question, and to every denied sentence.", "", "| fault | replies |", "|---|---|"]
    lines += [f"| {name} | {len(found)} |" for name, found in card["faults"].items()]
    lines += ["", "## Reading and waiting", "", "| what | |", "|---|---|",
              f"| grade of the topics' words, median | {card['grade']['median']:.1f} |",
              f"| grade of the hardest topic | {card['grade']['highest']:.1f} |",
              f"| whole reply, median | {card['latency_ms']['median']:.0f} ms |",
              f"| whole reply, 95 % | {card['latency_ms']['95 %']:.0f} ms |"]
    for key, title in TABLES:
        lines += ["", f"## {title}", "", "| | right | wrong answer | doesn't know |", "|---|---|---|---|"]
        lines += [f"| {name} | {percent(row['right'])} | {percent(row['wrong'])} | {percent(row['silent'])} |"
                  for name, row in card[key].items()]
    return "\n".join(lines) + "\n"


def broken(card: Mapping[str, Any], floors: Mapping[str, Mapping[str, float]], grade: float) -> list[str]:
    """Return a line for every figure under its floor and every fault that must never be."""
    found = below_floor(card, floors)
    found += [f"{name}: {', '.join(map(repr, questions[:3]))}" for name, questions in card["faults"].items()
              if questions]
    if card["grade"]["highest"] > grade:
        found.append(f"a topic reads at grade {card['grade']['highest']:.1f}")
    return found
