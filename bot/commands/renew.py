"""Train a new model beside the old one, hold it to the floors, and let it serve without a pause.

The service goes on meanwhile. A model under a floor, or one that does not start, changes nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from bot.renewal import candidate, standby
from bot.renewal.folders import Folders, NoSuchModels
from bot.renewal.lock import Busy, only_one
from bot.renewal.switch import clear_away, switch
from bot.settings import Environment, get_settings

Measure = Callable[[Path], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--force", action="store_true", help="train everything, fresh or not")
    parser.add_argument("--back", action="store_true", help="let the models serve again that served before")


def run(args: argparse.Namespace) -> int:
    """Renew the models; returns 1 when the old ones serve on, with the reasons."""
    env = get_settings().env
    if env.models_sha256:
        return _failed("MODELS_SHA256 pins the models of this installation; give it another number and start again")
    try:
        with only_one(env.var):
            renew(env, back=args.back, force=args.force)
    except (candidate.NotGoodEnough, NoSuchModels, standby.NotReady, Busy, OSError) as error:
        return _failed(str(error))
    return 0


def renew(env: Environment, back: bool = False, force: bool = False, measure: Measure = candidate.measure) -> None:
    """Do the work of the command; raises what it says on standard error."""
    folders = Folders(env.models)
    if clear_away(env, folders):
        _say("what an earlier run had left undone is cleared away")
    if not back:
        _say("training beside the models that serve …")
        candidate.train(folders.prepare(), force)
        _say("measuring …")
        measure(folders.next)
        _say("no figure is under its floor")
    if standby.state(env.rasa_port):
        switch(env, folders, new=not back, say=_say)
    else:  # nothing serves: nobody waits
        (folders.put_back if back else folders.put_in)()
    print("The previous models serve again." if back
          else "The new models serve. `python -m bot renew --back` takes that back.")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _failed(reason: str) -> int:
    for line in reason.splitlines():
        print(f"error: {line}", file=sys.stderr)
    print("The models that served before serve on.", file=sys.stderr)
    return 1
