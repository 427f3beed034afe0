"""Pictures of every state: `python -m tests.widget.pictures http://127.0.0.1:8000 docs/pictures`.

One file a state and theme, with the widths of a small phone, a phone, a tablet and a desk beside each other.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tests.widget.browser import start
from tests.widget.page import Page
from tests.widget.states import STATES

SIZES = ((320, 640), (390, 844), (768, 844), (1440, 900))
GAP = 16


def picture(base: str, state: Callable[[Page], None], width: int, height: int, dark: bool) -> Image.Image:
    """Return what a visitor with this window sees."""
    with tempfile.TemporaryDirectory() as profile:
        browser = start(Path(profile))
        try:
            page = Page(browser, base)
            page.size(width, height, dark=dark, touch=width < 500)
            state(page.load())
            time.sleep(0.6)  # until everything that moves has come to rest
            return Image.open(io.BytesIO(page.pictured()))
        finally:
            browser.quit()


def sheet(pictures: list[Image.Image]) -> Image.Image:
    """Return the pictures side by side."""
    width = sum(one.width + GAP for one in pictures) - GAP
    whole = Image.new("RGB", (width, max(one.height for one in pictures)), "#888")
    left = 0
    for one in pictures:
        whole.paste(one, (left, 0))
        left += one.width + GAP
    return whole


def main(base: str, folder: Path) -> None:
    """Write all sheets into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for state in STATES:
        for theme in ("light", "dark"):
            found = [picture(base, state, *size, theme == "dark") for size in SIZES]
            sheet(found).quantize(128).save(folder / f"{state.__name__}-{theme}.png", optimize=True)
            print(folder / f"{state.__name__}-{theme}.png")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
