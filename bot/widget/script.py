"""`widget.js`, put together from its parts in `source/`, with the clinic's defaults baked in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

SOURCE = Path(__file__).resolve().parent / "source"
# In this order: a part may use what the parts before it define.
PARTS = ("settings", "strings", "dom", "colour", "keep", "api", "tabs", "outbox", "conversation", "line",
         "announcer", "resources", "message", "form", "log", "menu", "composer", "help", "panel", "exit", "element")


def widget_script(defaults: Mapping[str, object], source: Path = SOURCE) -> bytes:
    """Return the widget as one classic script in UTF-8; `defaults` hold where no attribute is given."""
    baked = [f"const DEFAULTS = {_literal(defaults)};",
             f"const STYLE = {_literal((source / 'widget.css').read_text(encoding='utf-8'))};"]
    parts = [(source / f"{name}.js").read_text(encoding="utf-8") for name in PARTS]
    body = "\n".join(baked + parts)
    return f'(() => {{\n"use strict";\n{body}\n}})();\n'.encode()


def _literal(value: object) -> str:
    """Return JSON that is also safe as JavaScript."""
    return json.dumps(value, ensure_ascii=True).replace("</", "<\\/")
