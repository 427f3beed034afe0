"""The desk's pages over a million messages: `python -m bench.desk`, on the database of `DATABASE_URL`.

Writes the records once (some minutes), then asks for each page a number of times and prints the
server's time. Nothing of the clinic's own data is touched: it uses `var/bench/desk`, and refuses a
PostgreSQL that holds other records.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LIMIT = 150.0  # milliseconds that a page may take
ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Measure, and return 1 when a page takes too long."""
    parser = argparse.ArgumentParser(prog="python -m bench.desk", description=__doc__)
    parser.add_argument("--conversations", type=int, default=50_000)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=20, help="how often each page is asked for")
    arguments = parser.parse_args()
    os.environ["BOT_VAR"] = str(ROOT / "var" / "bench" / "desk")
    from bot.commands._django import setup

    setup(database=True)
    fill(arguments.conversations, arguments.messages // arguments.conversations)
    return report(arguments.times)


def fill(conversations: int, each: int) -> None:
    """Write the records unless they are there; stops when the database holds others."""
    from django.db import connection

    from bench.records import Maker
    from bot.records.models import Conversation

    found = Conversation.objects.count()
    if found == 0:
        Maker(conversations, each).write()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    elif found != conversations:
        sys.exit(f"error: this database holds {found} conversations that were not made here")


def report(times: int) -> int:
    """Print each page's median and slowest time and return 1 when a median is over the limit."""
    get = signed_in()
    slow = 0
    print(f"load of this machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for name, ask in pages(get).items():
        ask()
        walls, processors = zip(*(_timed(ask) for _ in range(times)), strict=True)
        median = statistics.median(walls)
        slow += median > LIMIT
        print(f"{name:44}{median:7.1f} ms median{max(walls):8.1f} ms slowest{statistics.median(processors):8.1f} ms "
              f"of processor{'   TOO SLOW' if median > LIMIT else ''}", flush=True)
    return 1 if slow else 0


def pages(client: Any) -> dict[str, Callable[[], Any]]:
    """Return what is measured: each a function that asks for one page and checks that it came."""
    from bot.records.models import Alert, Conversation, Message

    crisis = Alert.objects.order_by("id").last()
    case = crisis.conversation.case if crisis else ""
    calm = Conversation.objects.filter(tier="none").order_by("id").first()
    number = Message.objects.filter(conversation=calm).order_by("-id").values_list("id", flat=True)[0]

    def get(path: str) -> Callable[[], None]:
        return lambda: _check(client.get(f"/desk/{path}"))

    def post(path: str, **fields: object) -> Callable[[], None]:
        return lambda: _check(client.post(f"/desk/{path}", fields, headers={"X-Desk-Live": "1"}))

    queries = ("tier=crisis", "channel=sms", "kind=refer", "kind=answer", "language=es", "answer=unanswered",
               "unreviewed=1", "since=2026-01-01&until=2026-01-31", "category=suicide", "staff=1", "page=200",
               "tier=crisis&channel=sms&kind=abstain", "label=nobody")
    return {
        "queue": get(""), **{f"queue ?{query}": get(f"?{query}") for query in queries},
        "queue, live": post("live/"),
        **{f"search {words!r}": post("", words=words) for words in ("xylophone", "ketamine", "ketamine husband", case)},
        "conversation, alert": get(f"c/{case}/"), "conversation, old": get(f"c/{calm.case if calm else ''}/"),
        "conversation, live": post(f"c/{calm.case if calm else ''}/live/", after=number),
        "audit": get("audit/"), "unanswered questions": get("unanswered/"), "review": get("review/"),
        "figures": get("figures/"),
    }


def signed_in() -> Any:
    """Return a client that an administrator has signed in with."""
    import pyotp
    from django.contrib.auth import get_user_model
    from django.test import Client

    from bot.desk import accounts, second_factor
    from bot.desk.models import StaffProfile

    user = get_user_model().objects.filter(username="bench").first()
    if user is None:
        user, _ = accounts.invite("bench", "Bench Example", "administrator")
    password = accounts.lend_password(user)
    StaffProfile.objects.filter(user=user).update(must_change=False)
    second_factor.remove(user)
    client = Client(SERVER_NAME="127.0.0.1")
    client.post("/desk/login/", {"name": "bench", "password": password})
    page = client.get("/desk/second-factor/").content.decode()
    secret = page.split('class="secret">')[1].split("<")[0].replace(" ", "")
    client.post("/desk/second-factor/", {"code": pyotp.TOTP(secret).now()})
    return client


def _timed(ask: Callable[[], Any]) -> tuple[float, float]:
    """Return milliseconds by the clock and of this process's processor time."""
    started, used = time.perf_counter(), time.process_time()
    ask()
    return (time.perf_counter() - started) * 1000, (time.process_time() - used) * 1000


def _check(answer: Any) -> None:
    if answer.status_code != 200:
        raise AssertionError(f"{answer.request['PATH_INFO']} gave {answer.status_code}")


if __name__ == "__main__":
    sys.exit(main())
