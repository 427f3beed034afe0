"""Every word of the desk's pages goes through the translation: ready for Spanish, with nothing forgotten."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.utils import timezone, translation

from bot.desk import calendar_urls, urls
from bot.desk.models import Certificate, Label, Note, Passkey, QuestionGroup, Review, Role
from bot.records.models import Alert, Appointment, ContactRequest, Conversation, Tap

pytestmark = pytest.mark.django_db
# What people or the record wrote, which is nothing to translate: names, words of patients, codes, times, zones.
DATA = re.compile(r"Ana Example|ana|eva|Harbor Light Ketamine Clinic|Harbor Street|Springfield|America/New_York|clinician|"
                  r"[A-Z0-9]{6}\b|web|SMS|PDF|CSV|JSON|UTC|E[SD]T|Ctrl|Enter|P[123]|[A-Z][a-z]{2} \d+|consultation|"
                  r"Consultation|Room \d|Sam|call back|rang twice|is there parking|testserver|kappa|booked|"
                  # details of the audit are codes, and the free times of a visit are the scheduling's own words
                  r"\d groups|(?:message|certificate|page|user) \d|\d messages|app|what can be erased|"
                  r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|[A-Z][a-z]+ \d+|[ap]m|thursday after 2|self|ms")


class Words(HTMLParser):
    """Collects what a reader sees or hears, but for the parts that hold data."""

    SPOKEN = ("aria-label", "title", "placeholder", "alt")
    DATA_TAGS = ("script", "style", "code", "time", "svg", "q", "blockquote")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.found += [text for name in self.SPOKEN if (text := values.get(name)) and tag not in ("time", "mark")]
        is_data = tag in self.DATA_TAGS or "dir" in values or "case" in (values.get("class") or "").split()
        if tag not in ("meta", "link", "input", "br", "img", "rect", "line", "path"):
            self.open.append((tag, is_data))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(is_data for _, is_data in self.open):
            self.found.append(data)


def untranslated(html: str) -> list[str]:
    """Return the texts of a page that did not go through the translation."""
    words = Words()
    words.feed(html)
    bare = (re.sub(r"⟦[^⟦⟧]*⟧", "", text) for text in words.found)
    return [text.strip() for text in bare if re.search(r"[^\W\d_]{3,}", DATA.sub("", text))]


@pytest.fixture
def pages(crisis: Conversation, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Write something for every part of every page, translate all into brackets, and return the addresses."""
    said, now = crisis.messages.order_by("id")[0], timezone.now()
    Conversation.objects.create(channel="web", waiting=True)
    Alert.objects.create(conversation=crisis, priority="P2", reason="person_asked", acknowledged_at=now)
    Note.objects.create(conversation=crisis, text="rang twice")
    Label.objects.create(conversation=crisis, name="call back")
    Tap.objects.create(conversation=crisis, line="tel:988")
    Review.objects.create(message=said, mark="good")
    QuestionGroup.objects.create(examples=["is there parking"], count=3, messages=[said.pk], last_at=now)
    visit = Appointment.objects.create(
        conversation=crisis, service="consultation", room="Room 1", start=now + timedelta(days=1), state="booked",
        end=now + timedelta(days=1, minutes=30), first_name="Sam", contact="+15550100142")
    ContactRequest.objects.create(conversation=crisis, contact="+15550100142", reason="call_back")
    made = Certificate.objects.create(case=crisis.case, body={"also_kept": ["audit"], "conversations": []})
    monkeypatch.setattr(translation._trans, "gettext", lambda text: f"⟦{text}⟧" if text.strip() else text, raising=False)
    keys = {"certificate": made.pk, "visit": visit.pk}
    return [str(pattern.pattern).replace("<str:case>", crisis.case).replace("<int:pk>", str(keys.get(
        str(pattern.name), said.pk))) for pattern in [*urls.urlpatterns, *calendar_urls.urlpatterns]]


def test_no_word_of_a_page_is_forgotten(enter: Callable[..., Client], pages: list[str]) -> None:
    client, seen, bare = enter("ana", Role.ADMINISTRATOR), 0, {}
    Passkey.objects.create(user_id=client.session["_auth_user_id"], credential="aa", data=b"x")
    for page in pages:
        answer = client.get(f"/desk/{page}")
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            seen += 1
            if found := untranslated(answer.content.decode()):
                bare[page] = found
    assert seen >= 18
    assert bare == {}, "\n".join(f"{page}: {sorted(set(found))}" for page, found in bare.items())
