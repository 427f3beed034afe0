"""A transcript as PDF, by fpdf2, with a font that has more than Latin letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import WrapMode, XPos, YPos

FONT = "DejaVu"


@dataclass(frozen=True)
class Line:
    """A message: who, when and what was read in it; and its text."""

    head: str
    text: str


class _Page(FPDF):
    """Pages that are numbered and say whose they are."""

    def __init__(self, foot: str) -> None:
        super().__init__(format="letter")
        self._foot = foot

    def footer(self) -> None:
        """Write the page's number."""
        self.set_y(-14)
        self.set_font(FONT, size=8)
        self.cell(0, 6, f"{self._foot} · {self.page_no()} / {{nb}}", align="C")


def transcript(clinic: str, title: str, facts: Sequence[tuple[str, str]], lines: Sequence[Line]) -> bytes:
    """Return a PDF with the facts on top and a message after another; letters that the font lacks become boxes."""
    page = _Page(f"{clinic} · {title}")
    for style, path in zip(("", "B"), _fonts(), strict=True):
        page.add_font(FONT, style, path)
    page.set_title(f"{clinic}, {title}")
    page.set_lang("en")
    page.set_auto_page_break(True, margin=18)
    page.add_page()
    _write(page, clinic, 10)
    _write(page, title, 16, "B")
    for name, value in facts:
        _write(page, f"{name}: {value}", 9)
    for line in lines:
        page.ln(3)
        _write(page, line.head, 8.5, "B")
        _write(page, line.text or "–", 10)
    return bytes(page.output())


def _write(page: FPDF, text: str, size: float, style: str = "") -> None:
    page.set_font(FONT, style, size)
    # A word longer than a line is cut wherever the line ends.
    page.multi_cell(0, size * 0.55, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, wrapmode=WrapMode.WORD, align="L")


@lru_cache(maxsize=1)
def _fonts() -> tuple[Path, Path]:
    """Return DejaVu Sans and its bold, which matplotlib (a part of Rasa) carries."""
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("DejaVu Sans, which matplotlib carries")
    folder = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
    return folder / "DejaVuSans.ttf", folder / "DejaVuSans-Bold.ttf"
