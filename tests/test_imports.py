"""Imports run one way, so that each room can be read and changed by itself."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LEAVES = {"bot.embedding", "bot.gsm7", "bot.logs", "bot.secret_values", "bot.settings", "bot.sums"}
# What each room may import of the house, beside itself and the leaves.
ALLOWED = {
    "bot/screening": set(),
    "bot/knowledge": set(),
    "bot/scheduling": set(),
    "bot/records": {"bot.scheduling"},
    "bot/dialogue": {"bot.screening", "bot.knowledge", "bot.scheduling"},
    "bot/channels": {"bot.records", "bot.screening", "bot.scheduling"},
    "bot/widget": set(),
    "bot/renewal": {"bot.channels"},
    "bot/standin": set(),
    "bot/desk": {"bot.scheduling", "bot.records", "bot.channels", "bot.screening", "bot.knowledge", "bot.commands"},
    "actions": {"bot.records", "bot.scheduling", "bot.knowledge"},
}
# Frameworks that a room must do without.
FORBIDDEN = {
    "bot/screening": {"django", "rasa", "rasa_sdk", "bot.settings"},
    "bot/knowledge": {"django", "rasa", "rasa_sdk", "bot.settings"},
    "bot/scheduling": {"django", "rasa", "rasa_sdk", "bot.settings"},
    "bot/channels": {"rasa", "rasa_sdk"},
    "bot/standin": {"django", "rasa", "rasa_sdk"},
    "bot/records": {"rasa", "rasa_sdk"},
}


def imports_of(path: Path) -> set[str]:
    """Return the absolute names that a file imports."""
    package = ".".join(path.relative_to(ROOT).with_suffix("").parts[:-1])
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level - 1)[0] if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            names.add(module)
            names |= {f"{module}.{alias.name}" for alias in node.names}
    return names


def within(name: str, packages: set[str]) -> bool:
    """Return whether a name is in one of the packages."""
    return any(name == package or name.startswith(package + ".") for package in packages)


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_imports_only_what_it_may(room: str) -> None:
    own = room.replace("/", ".")
    for path in sorted((ROOT / room).rglob("*.py")):
        for name in imports_of(path):
            where = f"{path.relative_to(ROOT)} imports {name}"
            assert not within(name, FORBIDDEN.get(room, set())), where
            if within(name, {"bot", "actions"}) and name != "bot":
                assert within(name, ALLOWED[room] | LEAVES | {own}), where


def test_the_check_would_notice() -> None:
    assert imports_of(ROOT / "bot/channels/gateway.py") >= {"bot.records.store", "bot.channels.decide"}
    assert not within("bot.records.store", ALLOWED["bot/screening"] | LEAVES)
