"""Puts figures where a page wants them: between `<!-- name -->` and `<!-- /name -->`."""

from __future__ import annotations

from pathlib import Path


def put(page: Path, name: str, text: str) -> None:
    """Replace what stands between a page's marks; raises `ValueError` when it has none."""
    whole = page.read_text()
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    if start not in whole or end not in whole:
        raise ValueError(f"{page.name} has no place for {name}")
    before, after = whole.split(start)[0], whole.split(end)[1]
    page.write_text(f"{before}{start}\n{text.strip()}\n{end}{after}")
