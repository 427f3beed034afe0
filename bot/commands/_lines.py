"""Reads JSON objects a line, or one bare text from the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from typing import TextIO


class Lines:
    """Yields the value of `field` of each line; counts and reports the lines that have none."""

    def __init__(self, words: list[str], field: str, stream: TextIO | None = None) -> None:
        self._words, self._field = words, field
        self._stream = stream or sys.stdin
        self.bad = 0

    def __iter__(self) -> Iterator[str]:
        if self._words:
            yield " ".join(self._words)
            return
        yield from self._from(self._stream)

    def _from(self, stream: Iterable[str]) -> Iterator[str]:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                value = json.loads(line)[self._field]
                if not isinstance(value, str):
                    raise TypeError
            except (ValueError, KeyError, TypeError, RecursionError):
                self.bad += 1
                print(f"line {number}: expected a JSON object with a text \"{self._field}\"", file=sys.stderr)
                continue
            yield value
