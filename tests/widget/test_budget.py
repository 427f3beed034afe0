"""What the widget costs a slow phone."""

from __future__ import annotations

import pytest

from tests.widget.page import Page

pytestmark = pytest.mark.browser

# On a page without the widget: add it, wait for a frame with the button, and say whether it is
# there.
ADD = """
  const [base, done] = arguments;
  const tag = document.createElement("script");
  tag.src = base + "/widget.js";
  const root = () => document.querySelector("clinic-assistant").shadowRoot;
  const there = () => root().querySelector(".launcher").offsetHeight > 0;
  tag.onload = () => requestAnimationFrame(() => setTimeout(() => done(there()), 0));
  document.head.append(tag);
"""


WORK = ("V8CompileDuration", "ScriptDuration", "LayoutDuration", "RecalcStyleDuration")


def busy(page: Page) -> float:
    metrics = page.browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    seconds = {metric["name"]: float(metric["value"]) for metric in metrics}
    return 1000 * sum(seconds[name] for name in WORK)


def cost_of_the_button(page: Page) -> float:
    page.browser.get(page.base + "/healthz")
    page.browser.execute_cdp_cmd("Performance.enable", {})
    before = busy(page)
    assert page.browser.execute_async_script(ADD, page.base)
    return busy(page) - before


def test_the_button_costs_under_100_ms_on_a_cpu_four_times_slower(page: Page) -> None:
    # Chromium's own throttle adds its overhead to the figures, so they are multiplied instead;
    # the best of five, since other work on the machine only ever adds to them.
    spent = 4 * min(cost_of_the_button(page) for _ in range(5))
    assert spent < 100, f"{spent:.0f} ms"


def test_a_message_costs_under_30_ms_more_than_the_server_takes(page: Page) -> None:
    page.open()
    script = """
      const [root, done] = [document.querySelector("clinic-assistant").shadowRoot, arguments[0]];
      const sent = performance.now();
      const real = window.fetch;
      let answered = 0;
      window.fetch = async (...args) => {
        const response = await real(...args);
        if (args[1]?.method === "POST") answered = performance.now();
        return response;
      };
      const asked = [];
      window.fetch = ((inner) => (...args) => {
        if (args[1]?.method === "POST") asked.push(performance.now());
        return inner(...args);
      })(window.fetch);
      new MutationObserver((_, observer) => {
        if (root.querySelectorAll(".message.from-bot").length < 2) return;
        observer.disconnect();
        window.fetch = real;
        requestAnimationFrame(() => done((asked[0] - sent) + (performance.now() - answered)));
      }).observe(root.querySelector(".messages"), { childList: true });
      const input = root.querySelector("textarea");
      input.value = "What is ketamine?";
      input.form.requestSubmit();
    """
    added = float(page.browser.execute_async_script(script))
    assert added < 30, f"{added:.1f} ms"
