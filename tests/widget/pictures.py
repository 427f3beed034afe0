"""Pictures of every state: `python -m tests.widget.pictures` writes them into `docs/widget/`, from a service of its own.

One file a state and theme, with the widths of a small phone, a phone, a tablet and a desk beside each other, and one
each for what a state alone does not show: right to left, forced colours, a phone on its side, 400 % zoom.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from tests.tools import Service, clinic_with_site
from tests.widget import states
from tests.widget.browser import start
from tests.widget.host import clinic_page
from tests.widget.page import Page

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "widget"
SIZES = ((320, 640), (390, 844), (768, 844), (1440, 900))
GAP = 12
SCALE = 0.6
State = Callable[[Page], None]


@contextmanager
def tab(browser: object, service: Service) -> Iterator[Page]:
    """Give a page in a tab of its own, which is closed with everything that was set in it."""
    page = Page(browser, service.base, service)
    page.browser.switch_to.new_window("tab")
    try:
        yield page
    finally:
        page.browser.close()
        page.browser.switch_to.window(page.browser.window_handles[0])


def seen(page: Page, state: State, width: int, height: int, *, address: str = "/demo/", **look: bool) -> Image.Image:
    """Return what a visitor with this window sees."""
    page.size(width, height, touch=width < 500 or height < 400, **look)
    state(page.load(address))
    return pictured(page)


def pictured(page: Page) -> Image.Image:
    """Return what is seen once everything that moves has come to rest."""
    time.sleep(0.5)
    return Image.open(io.BytesIO(page.pictured())).convert("RGB")


def sheet(pictures: list[Image.Image]) -> Image.Image:
    """Return the pictures side by side."""
    width = sum(one.width + GAP for one in pictures) - GAP
    whole = Image.new("RGB", (width, max(one.height for one in pictures)), "#808080")
    left = 0
    for one in pictures:
        whole.paste(one, (left, 0))
        left += one.width + GAP
    return whole


def keep(picture: Image.Image, name: str) -> None:
    """Write a picture, smaller than it was seen and still readable: a sheet takes some 50 kB."""
    smaller = picture.resize((int(picture.width * SCALE), int(picture.height * SCALE)), Image.Resampling.LANCZOS)
    smaller.save(FOLDER / f"{name}.webp", quality=50, method=6)
    print(name, flush=True)


def states_in_themes(browser: object, service: Service, wanted: set[str]) -> None:
    """Write the sheets of all states, light and dark."""
    for state in states.STATES:
        name = state.__name__.replace("_", "-")
        if wanted and name not in wanted:
            continue
        light, dark = [], []
        for width, height in SIZES:
            with tab(browser, service) as page:
                light.append(seen(page, state, width, height))
                page.wishes(**{"prefers-color-scheme": "dark"})
                dark.append(pictured(page))
        keep(sheet(light), f"{name}-light")
        keep(sheet(dark), f"{name}-dark")


def others(browser: object, service: Service) -> None:
    """Write what a state alone does not show."""
    with clinic_page(service.site, service.base, 'data-dir="rtl"') as address:
        found = []
        for size in SIZES:
            with tab(browser, service) as page:
                found.append(seen(page, states.asked_for_a_contact, *size, address=address))
        keep(sheet(found), "right-to-left")
    for name, sizes, look in (("forced-colours", SIZES, {"forced": True, "dark": True}),
                              ("low-windows", ((844, 390), (640, 320), (320, 256)), {})):
        for state in (states.in_crisis, states.asked_for_a_contact):
            found = []
            for size in sizes:
                with tab(browser, service) as page:
                    found.append(seen(page, state, *size, **look))
            keep(sheet(found), f"{name}-{state.__name__.replace('_', '-')}")


def main(*wanted: str) -> None:
    """Write all pictures, or only those that are named."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        clinic, site = clinic_with_site(Path(folder))
        with Service(Path(folder), CLINIC_FILE=str(clinic)) as service:
            service.site = site
            browser = start(Path(folder) / "chromium")
            try:
                states_in_themes(browser, service, set(wanted))
                if not wanted or "others" in wanted:
                    others(browser, service)
            finally:
                browser.quit()


if __name__ == "__main__":
    main(*sys.argv[1:])
