"""The command line: `python -m bot COMMAND`. Each command is a file in `bot/commands/`."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Sequence

import bot.commands
from bot.settings import SettingsError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 failed, 2 wrong use."""
    parser = argparse.ArgumentParser(prog="python -m bot", description="The clinic's assistant.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in _names(sys.argv[1:] if arguments is None else arguments):
        module = importlib.import_module(f"bot.commands.{name}")
        help_line = (module.__doc__ or "").strip().splitlines()[0]
        command = commands.add_parser(name, help=help_line, description=module.__doc__)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    parsed = parser.parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except SettingsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _names(arguments: Sequence[str]) -> list[str]:
    """Return the command that is asked for, or all of them for the help: some take a second to import."""
    names = sorted(info.name for info in pkgutil.iter_modules(bot.commands.__path__) if not info.name.startswith("_"))
    return [arguments[0]] if arguments and arguments[0] in names else names


if __name__ == "__main__":
    sys.exit(main())
