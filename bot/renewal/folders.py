"""The models that serve, those that are to come, and those that were before: three folders side by side."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from bot.sums import PARTS, is_whole


class NoSuchModels(RuntimeError):
    """The models that are to be put in place are not there, or are not whole."""


@dataclass(frozen=True)
class Folders:
    """Where the models are; `current` is what every process loads at its start."""

    current: Path

    @property
    def next(self) -> Path:
        """Where new models are made."""
        return self.current.with_name(self.current.name + ".next")

    @property
    def previous(self) -> Path:
        """Where the models wait that served before."""
        return self.current.with_name(self.current.name + ".previous")

    def prepare(self) -> Path:
        """Return the folder for new models, with a copy of those that serve: what is fresh is not trained again."""
        shutil.rmtree(self.next, ignore_errors=True)
        shutil.copytree(self.current, self.next)
        return self.next

    def put_in(self) -> None:
        """Put the new models in place and keep those that served; raises `NoSuchModels`."""
        _must_be_whole(self.next)
        shutil.rmtree(self.previous, ignore_errors=True)
        self.current.rename(self.previous)
        self.next.rename(self.current)

    def put_back(self) -> None:
        """Put the models that served before in place, and those that serve aside; raises `NoSuchModels`."""
        _must_be_whole(self.previous)
        shutil.rmtree(self.next, ignore_errors=True)
        self.current.rename(self.next)
        self.previous.rename(self.current)

    def mend(self) -> bool:
        """Return whether a swap that a power cut interrupted was undone."""
        if self.current.exists() or not self.previous.exists():
            return False
        self.previous.rename(self.current)
        return True


def _must_be_whole(models: Path) -> None:
    for part in PARTS:
        if not is_whole(models / part):
            raise NoSuchModels(f"{models / part}: missing, or not as training wrote it")
