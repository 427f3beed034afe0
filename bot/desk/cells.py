"""Cells of a file that a spreadsheet opens."""

from __future__ import annotations

# What makes a spreadsheet compute instead of show, full-width signs too.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")


def harmless(text: str) -> str:
    """Return a cell that a spreadsheet shows and does not run as a formula."""
    return f"'{text}" if text.lstrip(" \u00a0\u200b\ufeff")[:1] in FORMULA else text
