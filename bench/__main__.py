"""Measure training, cold start, latency and memory of ours and of the stock bot, and print the ratios.

The stock bot is what `rasa init` makes, on its own REST channel and in-memory store. Ours is the
whole service: gateway, screen, records and Rasa. Figures go to `var/bench/figures.json`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path

from bench import articles
from bench.load import Figures, measure
from bench.service import Ours, Stock

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench"


def main() -> int:
    """Run everything in turn, one service at a time."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--messages", type=int, default=120, help="messages a level of concurrency")
    parser.add_argument("--quick", action="store_true", help="no training; models that are there")
    parser.add_argument("--articles", action="store_true", help="only what an answer costs with more articles")
    arguments = parser.parse_args()
    if arguments.articles:
        print(articles.table(articles.curve()))
        return 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    results: dict[str, dict[str, float]] = {}
    for service in (Stock(FOLDER), Ours(FOLDER)):
        row = results[service.name] = {}
        if not arguments.quick or not service.trained():
            row["training s"] = service.train()
        row["cold start to first answer s"] = service.start()
        try:
            for conversations in (1, 8, 32):
                figures = asyncio.run(measure(service, service.questions, conversations, arguments.messages))
                _add(row, f"message, {conversations} conversations", figures)
            if service.crises:
                _add(row, "crisis, 1 conversation", asyncio.run(measure(service, service.crises, 1, 60)))
            row["memory MB"] = service.memory()
        finally:
            service.stop()
    print(_table(results))
    print(articles.table(articles.curve()))
    (FOLDER / "figures.json").write_text(json.dumps(results, indent=1))
    return 0


def _add(row: dict[str, float], name: str, figures: Figures) -> None:
    row[f"{name}: p50 ms"], row[f"{name}: p95 ms"] = figures.median, figures.p95
    row[f"{name}: messages/s"] = figures.rate


def _table(results: dict[str, dict[str, float]]) -> str:
    names = list(dict.fromkeys(name for row in results.values() for name in row))
    lines = [f"{'':42}{'stock':>10}{'ours':>10}{'ours/stock':>12}"]
    for name in names:
        stock, ours = results["stock"].get(name), results["ours"].get(name)
        if name.startswith("crisis") and "ms" in name and ours is not None:
            stock = results["stock"][name.replace("crisis, 1 conversation", "message, 1 conversations")]
        cells = "".join(f"{value:>10.1f}" if value is not None else f"{'':>10}" for value in (stock, ours))
        ratio = f"{ours / stock:>12.2f}" if stock and ours is not None else ""
        lines.append(f"{name:42}{cells}{ratio}")
    return "\n".join(lines)


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.update(RASA_TELEMETRY_ENABLED="false", TF_CPP_MIN_LOG_LEVEL="3", PYTHONWARNINGS="ignore")
    sys.exit(main())
