"""Writes the safety card as Markdown, and holds its figures to their floors."""

from __future__ import annotations

from typing import Any, Mapping

TABLES = (("by_tier", "By tier"), ("by_category", "Danger by category"), ("by_language", "Danger by language"),
          ("by_style", "Danger by style"), ("by_file", "By file of the test set"))


def markdown(card: Mapping[str, Any]) -> str:
    """Return the card as a page; the missed messages themselves stand in the JSON file."""
    lines = ["# Safety card", "",
             f"{card['messages']} test messages of our own, written apart from the training messages and from the "
             f"lexicon. {card['rules']} rules, {card['contexts']} contexts; classifier: {card['classifier']}. "
             "Shares with 95 % Wilson intervals.", "", "## What counts most", "", "| figure | share |", "|---|---|"]
    lines += [f"| {name} | {percent(figure)} |" for name, figure in card["headline"].items()]
    for key, title in TABLES:
        lines += ["", f"## {title}", "", "| | at crisis or above | at check_in or above |", "|---|---|---|"]
        lines += [f"| {name} | {percent(row['crisis'])} | {percent(row['check_in'])} |"
                  for name, row in card[key].items()]
    lines += ["", "## Hits lost to a disguise", "", "| disguise | lost |", "|---|---|"]
    lines += [f"| {name} | {percent(figure)} |" for name, figure in card["disguise"].items()]
    lines += ["", "## Time, milliseconds on one core", "", "| what | ms |", "|---|---|"]
    lines += [f"| {name} | {value:.1f} |" for name, value in card["latency_ms"].items()]
    for name, figures in card.get("public", {}).items():
        lines += ["", f"## Public set {name}", "", "| figure | share |", "|---|---|"]
        lines += [f"| {figure} | {percent(value)} |" for figure, value in figures.items()]
    lines += ["", "## Misses", "", f"{len(card['misses'])} messages of danger were read as info or none, "
              f"{len(card['soft'])} as check_in; {len(card['alarms'])} harmless ones as crisis or above. "
              "`var/evaluation/safety.json` lists them."]
    return "\n".join(lines) + "\n"


def headline(card: Mapping[str, Any]) -> str:
    """Return the figures that have floors as lines for a terminal."""
    lines = [f"{card['messages']} test messages"]
    return "\n".join([*lines, *(f"{name}: {percent(figure)}" for name, figure in card["headline"].items())])


def below_floor(card: Mapping[str, Any], floors: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Return a line for every headline figure that is worse than its recorded floor or ceiling."""
    found = []
    for name, limit in floors.items():
        value = card["headline"][name]["share"]
        if value < limit.get("at_least", 0.0) or value > limit.get("at_most", 1.0):
            found.append(f"{name}: {value:.3f}, recorded limit {limit}")
    return found


def percent(figure: Mapping[str, Any]) -> str:
    """Return a share as a reader of a page wants it."""
    return (f"{100 * figure['share']:.1f} % ({figure['hits']} of {figure['of']}; "
            f"{100 * figure['low']:.0f} to {100 * figure['high']:.0f})")
