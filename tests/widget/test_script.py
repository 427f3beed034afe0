"""What can be said of the script without a browser."""

from __future__ import annotations

import gzip
import re

import pytest
import yaml

from bot.widget.script import PARTS, SOURCE, widget_script

DEFAULTS = {"clinic": "A & B </script> Clinic", "phone": "+1 555 010 0134", "languages": ["en", "es"],
            "lines": {"emergency": "911", "lifeline": "988", "sms": "988"}}


def test_everything_fits_in_35_kilobytes() -> None:
    assert len(gzip.compress(widget_script(DEFAULTS), mtime=0)) < 35_000


def test_every_part_is_in_the_script_and_none_is_left_over() -> None:
    assert sorted(f"{name}.js" for name in PARTS) == sorted(path.name for path in SOURCE.glob("*.js"))


@pytest.mark.parametrize("forbidden", [
    r"\beval\(", r"new Function", r"innerHTML", r"outerHTML", r"insertAdjacentHTML", r"document\.write",
    r"document\.cookie", r"localStorage", r"setAttribute\(\"style\"", r"console\.", r"@import", r"url\("])
def test_the_script_needs_no_exception_from_a_strict_policy(forbidden: str) -> None:
    assert not re.search(forbidden, widget_script(DEFAULTS).decode())


def test_a_clinic_name_cannot_end_the_script() -> None:
    assert "</script>" not in widget_script(DEFAULTS).decode()


def test_both_languages_say_everything() -> None:
    text = (SOURCE / "strings.js").read_text(encoding="utf-8")
    english, spanish = text.split("\n  es: {")
    keys = [re.findall(r"^    (\w+):", half, re.MULTILINE) for half in (english, spanish)]
    assert keys[0] == keys[1]
    assert len(keys[0]) > 50
    parts = [path for path in SOURCE.glob("*.js") if path.name != "strings.js"]
    code = "".join(path.read_text(encoding="utf-8") for path in parts)
    senders = {"patient", "bot", "staff"}  # looked up by a message's `from`
    by_name = set(re.findall(r'"(field\w+|fault\w+|inThe\w+)"', code))  # looked up by what a form asks for
    assert [key for key in keys[0] if key not in senders | by_name and f"t.{key}" not in code] == []


def test_every_country_has_an_emergency_number() -> None:
    lines = yaml.safe_load((SOURCE.parent / "lines.yml").read_text(encoding="utf-8"))["lines"]
    assert lines["US"]["emergency"] == "911"
    assert lines["US"]["lifeline"] == "988"
    assert all(str(line["emergency"]).isdigit() for line in lines.values())
