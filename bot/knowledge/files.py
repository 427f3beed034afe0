"""Reads YAML files of the answers, and says which file is at fault when one is."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from .model import Review


class KnowledgeError(ValueError):
    """A file of the articles or answers is not as it must be; the message names it."""


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping of one YAML file; raises `KnowledgeError`."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except yaml.YAMLError as error:
        raise KnowledgeError(f"{path}: not valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise KnowledgeError(f"{path}: expected a mapping at the top")
    return content


def read_review(content: dict[str, Any], path: Path) -> Review:
    """Return the review marks of one file; raises `KnowledgeError` when a date is missing."""
    block = content.get("review", content)
    reviewed_on, review_by = block.get("reviewed_on"), block.get("review_by")
    if not isinstance(reviewed_on, date) or not isinstance(review_by, date):
        raise KnowledgeError(f"{path}: reviewed_on and review_by must be dates (2026-01-31)")
    signed_by = block.get("signed_by")
    return Review(str(signed_by) if signed_by else None, reviewed_on, review_by)


# The C loader reads the answers ten times as fast; both load plain values only.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
