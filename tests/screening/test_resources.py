"""The crisis lines of each country: complete, tappable, dated."""

import re
from datetime import date
from pathlib import Path

import pytest

from bot.screening.resources import LANGUAGES, load_resources, stale, undialled

FOLDER = Path(__file__).parents[2] / "data" / "screening" / "resources"
COUNTRIES = ["US", "CA", "GB", "IE", "AU", "NZ", "INT"]
HREF = re.compile(r"tel:\+?\d+|sms:\+?\d+(\?&body=[A-Z]+)?|https://[\w.]+/[\w?=]*")


@pytest.mark.parametrize(
    ("country", "role", "href"),
    [
        ("US", "emergency", "tel:911"),
        ("US", "lifeline", "tel:988"),
        ("US", "lifeline_text", "sms:988"),
        ("US", "text_line", "sms:741741?&body=HOME"),
        ("US", "poison", "tel:+18002221222"),
        ("US", "abuse", "tel:+18007997233"),
        ("US", "abuse_text", "sms:88788?&body=START"),
        ("US", "sexual", "tel:+18006564673"),
        ("US", "child", "tel:+18004224453"),
        ("US", "substance", "tel:+18006624357"),
        ("CA", "emergency", "tel:911"),
        ("CA", "lifeline", "tel:988"),
        ("GB", "emergency", "tel:999"),
        ("GB", "lifeline", "tel:116123"),
        ("GB", "text_line", "sms:85258?&body=SHOUT"),
        ("IE", "emergency", "tel:112"),
        ("IE", "lifeline", "tel:116123"),
        ("IE", "text_line", "sms:50808?&body=HELLO"),
        ("AU", "emergency", "tel:000"),
        ("AU", "lifeline", "tel:131114"),
        ("AU", "text_line", "sms:+61477131114"),
        ("NZ", "emergency", "tel:111"),
        ("NZ", "lifeline", "tel:1737"),
        ("NZ", "lifeline_text", "sms:1737"),
        ("INT", "lifeline", "https://findahelpline.com/"),
    ],
)
def test_the_number_behind_each_role(country: str, role: str, href: str) -> None:
    line = load_resources(FOLDER, country).for_role(role)
    assert line is not None
    assert line.href == href


def test_spanish_speakers_reach_spanish_speakers() -> None:
    us = load_resources(FOLDER, "US")
    assert us.get("us-988", "es").label == "Llama al 988 y oprime 2"
    assert us.get("us-988-text", "es").href == "sms:988?&body=AYUDA"
    assert us.get("us-ctl", "es").href == "sms:741741?&body=HOLA"
    assert us.get("us-988", "fr") == us["us-988"]


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_line_can_be_tapped_and_read(country: str) -> None:
    resources = load_resources(FOLDER, country)
    for line_id in resources.lines:
        for language in LANGUAGES:
            line = resources.get(line_id, language)
            assert HREF.fullmatch(line.href), line
            assert 0 < len(line.label) <= 30, line
            number = re.sub(r"\D", "", line.href.split("?")[0]).removeprefix("1").removeprefix("61")
            digits = re.sub(r"\D", "", line.text)
            assert number in digits or line.href.startswith("https:"), line


@pytest.mark.parametrize("country", COUNTRIES)
def test_the_bar_starts_with_the_emergency_line(country: str) -> None:
    resources = load_resources(FOLDER, country)
    assert resources.bar()[0] == resources.for_role("emergency")
    assert 2 <= len(resources.bar()) <= 3
    assert resources.elsewhere.href == "https://findahelpline.com/"


def test_an_ended_route_is_not_printed() -> None:
    for path in FOLDER.glob("*.yml"):
        printed = "\n".join(line for line in path.read_text().splitlines() if not line.startswith("#"))
        assert not re.search(r"press 3|oprime 3|PRIDE|NEDA", printed, re.IGNORECASE), path


def test_stale_after_sixty_days() -> None:
    resources = load_resources(FOLDER, "GB")
    assert stale(resources, date(2027, 1, 21)) == []
    assert stale(resources, date(2027, 1, 22)) == ["gb-999", "gb-samaritans", "gb-shout", "gb-111"]
    assert stale(resources, date(2026, 12, 1), days=5) == stale(resources, date(2027, 1, 22))


def test_no_line_counts_as_dialled_before_someone_dialled_it() -> None:
    resources = load_resources(FOLDER, "US")
    assert undialled(resources) == list(resources.lines)


def test_an_unknown_country_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'XX'.*AU, CA, GB, IE, INT, NZ, US"):
        load_resources(FOLDER, "XX")


@pytest.mark.parametrize(
    ("asked", "found"),
    [("gb", "GB"), ("US", "US"), ("FR", "INT"), ("INT", "INT"), ("", "US"), ("U.S.", "US"), ("ÄÖ", "US")],
)
def test_another_country_by_its_code(asked: str, found: str) -> None:
    assert load_resources(FOLDER, "US").at(asked).country == found


def _broken(tmp_path: Path, old: str, new: str) -> Path:
    (tmp_path / "int.yml").write_text((FOLDER / "int.yml").read_text())
    text = (FOLDER / "gb.yml").read_text()
    assert old in text
    (tmp_path / "gb.yml").write_text(text.replace(old, new))
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  emergency: gb-999\n", "", "role 'emergency' is missing"),
        ("lifeline: gb-samaritans", "lifeline: gb-nobody", "unknown line 'gb-nobody'"),
        ("lifeline: gb-samaritans", "lifeline: gb-samaritans\n  hotline: gb-999", "unknown role 'hotline'"),
        ("    checked_on: 2026-11-22", "    checked_on: soon", "checked_on must be a date"),
        ('    helpers: "the people at 999"\n', "", "helpers"),
        ("roles:", "roles: [", "cannot be read"),
    ],
)
def test_a_faulty_file_is_refused_by_name(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        load_resources(_broken(tmp_path, old, new), "GB")
    assert "gb.yml" in str(caught.value)
