"""What a screen reader meets: the widget's part of Chromium's accessibility tree as lines of text.

`python -m tests.widget.trees` writes the trees of all states anew, for someone to read before they are kept.
Words that come from `data/` are left out, so that a changed answer changes no tree.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.widget.page import Page

FOLDER = Path(__file__).parent / "trees"
SIZE = (1280, 900)
SILENT = {"generic", "none", "InlineTextBox", "LineBreak", "ListMarker", "LayoutTable"}
STATES = ("expanded", "checked", "invalid", "required", "disabled", "modal", "readonly", "multiline")
WORDS = re.compile(r"\b\d{1,2}:\d\d( ?[AP]M)?\b")


def tree(page: Page) -> str:
    """Return the widget's tree, one node a line, with a star at what has the focus."""
    page.browser.execute_cdp_cmd("Accessibility.enable", {})
    found = page.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    nodes = {node["nodeId"]: node for node in found}
    document = page.browser.execute_cdp_cmd("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
    host = page.browser.execute_cdp_cmd("DOM.querySelector", {"nodeId": document, "selector": "clinic-assistant"})
    number = page.browser.execute_cdp_cmd("DOM.describeNode", host)["node"]["backendNodeId"]
    root = next(node for node in found if node.get("backendDOMNodeId") == number)
    return "\n".join(_folded(_lines(nodes, root, 0, ""))) + "\n"


def _lines(nodes: dict[str, Any], node: dict[str, Any], depth: int, within: str) -> Iterator[str]:
    role = node.get("role", {}).get("value", "none")
    name = str(node.get("name", {}).get("value", ""))
    heard = not node.get("ignored") and role not in SILENT and not (role == "StaticText" and name in within)
    if heard:
        yield "  " * depth + " ".join(filter(None, (role, _named(role, name, within), *_states(node))))
    if role in ("status", "alert"):
        return  # what is spoken is taken away after a while; a test of its own listens to it
    below = f"{within}\n{role} {name}" if heard else within
    for child in node.get("childIds", ()):
        if child in nodes:
            yield from _lines(nodes, nodes[child], depth + heard, below)


def _named(role: str, name: str, within: str) -> str:
    """Return a node's name; what an answer or a choice says is not part of the tree."""
    if not name:
        return ""
    said = "paragraph" in within and "listitem" in within and role in ("StaticText", "link")
    quoted = "blockquote" in within or "Figcaption" in within or "figure" in within
    chosen = "group Choices" in within and role in ("button", "StaticText")
    if said or quoted or (chosen and "(chosen)" not in name):
        return "…"
    return f'"{WORDS.sub("(time)", name)}"' if "(chosen)" not in name else '"… (chosen)"'


def _states(node: dict[str, Any]) -> list[str]:
    held = {each["name"]: each["value"].get("value") for each in node.get("properties", ())}
    shown = [name for name in STATES if held.get(name) in (True, "true")]
    shown += ["collapsed"] if held.get("expanded") is False else []
    return [*shown, "*"] if held.get("focused") else shown


def _folded(lines: Iterator[str]) -> Iterator[str]:
    """Leave out a line that is the same as the one before it: how many choices there are is not part of the tree."""
    before = None
    for line in lines:
        if line != before:
            yield line
        before = line


def settled(page: Page) -> str:
    """Return the tree once two looks at it agree: focus and live regions come a moment later."""
    seen: list[str] = []

    def same() -> bool:
        seen.append(tree(page))
        return len(seen) > 1 and seen[-1] == seen[-2]

    page.until(same, "tree at rest", 10)
    return seen[-1]


def main() -> None:
    """Write all trees."""
    from tests.tools import Service
    from tests.widget.browser import start
    from tests.widget.states import STATES as WAYS

    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Service(Path(folder)) as service:
        browser = start(Path(folder) / "chromium")
        for state in WAYS:
            browser.switch_to.new_window("tab")
            page = Page(browser, service.base, service)
            page.size(*SIZE)
            state(page.load())
            (FOLDER / f"{state.__name__}.txt").write_text(settled(page), encoding="utf-8")
            browser.close()
            browser.switch_to.window(browser.window_handles[0])
        browser.quit()


if __name__ == "__main__":
    main()
