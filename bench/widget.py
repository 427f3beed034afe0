"""What the widget costs: `python -m bench.widget`, on a service and a Chromium of its own.

Three figures: the main thread's time until the button is there, on a processor four times slower; what sending a
message and showing the reply adds to the server's own time; and how long replies take while 200 widgets listen.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from bench.listeners import crowd
from tests.tools import Service
from tests.widget.browser import installed, start
from tests.widget.host import serving
from tests.widget.page import Page

ROOT = Path(__file__).resolve().parent.parent
SLOWER = 4  # a cheap phone's processor beside a desk's
WORK = ("V8CompileDuration", "ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
LIMITS = {"button: main thread ms, x4": 100.0, "reply: added by the widget ms": 30.0,
          "200 listeners: median reply / one widget's": 2.0}

# On a page without the widget: add it, wait for a frame with the button, and say whether it is there.
ADD = """
  const [base, done] = arguments;
  const tag = document.createElement("script");
  tag.src = base + "/widget.js";
  const root = () => document.querySelector("clinic-assistant").shadowRoot;
  const there = () => root().querySelector(".launcher").offsetHeight > 0;
  tag.onload = () => requestAnimationFrame(() => setTimeout(() => done(there()), 0));
  document.head.append(tag);
"""
# Send by the form, and count from there to the call and from the answer to the frame that shows the reply.
SEND = """
  const [text, done] = arguments;
  const root = document.querySelector("clinic-assistant").shadowRoot;
  const count = () => root.querySelectorAll(".message.from-bot").length;
  const before = count();
  const real = window.fetch;
  let asked = 0, answered = 0;
  window.fetch = async (...args) => {
    if (args[1]?.method !== "POST") return real(...args);
    asked = performance.now();
    const response = await real(...args);
    answered = performance.now();
    return response;
  };
  const sent = performance.now();
  new MutationObserver((_, observer) => {
    if (count() === before) return;
    observer.disconnect();
    window.fetch = real;
    requestAnimationFrame(() => done((asked - sent) + (performance.now() - answered)));
  }).observe(root.querySelector(".messages"), { childList: true });
  const input = root.querySelector("textarea");
  input.value = text;
  input.form.requestSubmit();
"""
ASKED = ("What is ketamine?", "How long is an infusion?", "Is it safe?", "What does it cost?", "Can I drive home?",
         "Does insurance cover it?", "What are the side effects?", "How does it feel?")


def main() -> int:
    """Measure, print and keep the figures; return 1 when one is over its limit."""
    parser = argparse.ArgumentParser(prog="python -m bench.widget", description=__doc__)
    parser.add_argument("--listeners", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3, help="how often one widget and all of them take turns")
    arguments = parser.parse_args()
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, Service(Path(folder)) as service:
        if installed():
            browser = start(Path(folder) / "chromium")
            try:
                page = Page(browser, service.base)
                with _bare_page() as bare:
                    figures["button: main thread ms, x4"] = SLOWER * min(_button(page, bare) for _ in range(7))
                figures["reply: added by the widget ms"] = _added(page)
            finally:
                browser.quit()
        else:
            print("chromium and chromedriver are not installed: no figures of the browser", file=sys.stderr)
        found = asyncio.run(crowd(service.base, arguments.listeners, arguments.rounds, ASKED))
        figures.update({"one widget: median reply ms": found.alone,
                        f"{arguments.listeners} listeners: median reply ms": found.crowded,
                        f"{arguments.listeners} listeners: median reply / one widget's": found.ratio,
                        f"{arguments.listeners} listeners: slowest word by stream ms": found.slowest_word})
    return _report(figures)


def _busy(page: Page) -> float:
    metrics = page.browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    seconds = {metric["name"]: float(metric["value"]) for metric in metrics}
    return 1000 * sum(seconds[name] for name in WORK)


@contextmanager
def _bare_page() -> Iterator[str]:
    """Serve an empty page and give its address: our own pages let no script in that was not written into them."""
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>A clinic</title>")

        def log_message(self, *args: object) -> None: ...

    with serving(Handler) as address:
        yield address


def _button(page: Page, bare: str) -> float:
    """Return the main thread's milliseconds for the script and its button.

    Chromium's own throttle adds its overhead to the figures, so they are multiplied instead, and the
    least of several is taken: other work on the machine only ever adds to them.
    """
    page.browser.get(bare)
    page.browser.execute_cdp_cmd("Performance.enable", {})
    before = _busy(page)
    assert page.browser.execute_async_script(ADD, page.base)
    return _busy(page) - before


def _added(page: Page) -> float:
    """Return the median milliseconds that the widget adds to a message's way there and back."""
    page.load().open()
    times = [float(page.browser.execute_async_script(SEND, text)) for text in ASKED]
    return statistics.median(times)


def _report(figures: dict[str, float]) -> int:
    over = 0
    print(f"load of this machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for name, value in figures.items():
        limit = LIMITS.get(name)
        over += limit is not None and value > limit
        bound = f"   limit {limit:g}{'   TOO MUCH' if value > limit else ''}" if limit is not None else ""
        print(f"{name:48}{value:9.1f}{bound}")
    kept = ROOT / "var" / "bench" / "widget.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(figures, indent=1))
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
