"""The reply files: complete, dated, and refused by name when they are not."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from bot.screening.replies import load_replies
from bot.screening.resources import load_resources

DATA = Path(__file__).parents[2] / "data" / "screening"
RESOURCES = load_resources(DATA / "resources", "US")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA / "replies", tmp_path / "replies"))


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_what_nobody_signed_is_a_draft(folder: Path) -> None:
    replies = load_replies(folder, RESOURCES)
    assert {"en.suicide", "es.suicide", "sms.help", "lines.us"} <= set(replies.unsigned())
    assert (
        len(replies.unsigned()) == sum(len(book.entries) for book in replies.books.values()) + 4
    )  # three keywords, one country
    assert replies.draft_until_signed


def test_a_signature_takes_a_reply_off_the_list(folder: Path) -> None:
    for path in folder.glob("*.yml"):
        path.write_text(path.read_text().replace("signed_by: null", 'signed_by: "Dr. A. Example"'))
    replies = load_replies(folder, RESOURCES)
    assert replies.unsigned() == ["lines.us"]
    signed = load_replies(folder, replace(RESOURCES, signed_by="Dr. A. Example"))
    assert signed.unsigned() == []
    assert not signed.draft_until_signed


def test_a_passed_review_date_shows(folder: Path) -> None:
    replies = load_replies(folder, RESOURCES)
    assert replies.expired(date(2027, 5, 22)) == []
    assert {"en.suicide", "sms.stop", "lines.us"} <= set(replies.expired(date(2027, 5, 23)))


def test_no_file_could_be_taken_for_dialogue_training_data() -> None:
    taken = {
        "nlu",
        "rules",
        "stories",
        "responses",
        "intents",
        "entities",
        "slots",
        "forms",
        "actions",
        "session_config",
        "lookup",
        "synonyms",
        "regex",
    }
    for path in [*(DATA / "replies").glob("*.yml"), *(DATA / "resources").glob("*.yml")]:
        assert not taken & set(yaml.safe_load(path.read_text())), path


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "en.yml",
            "Is there someone who can be with you?",
            "Is {someone} there?",
            r"suicide\.web.*\{someone\}",
        ),
        ("en.yml", "{Poison}.", "{Poison.", r"overdose_awake\.web"),
        (
            "en.yml",
            "    resources: [emergency, lifeline, lifeline_text]",
            "    resources: [police]",
            "at most 3 of",
        ),
        ("en.yml", "  ask: ", "  asks: ", "'ask'"),
        ("en.yml", "    review_by: 2027-05-22", "    review_by: later", "review_by must be a date"),
        ("en.yml", "  general:", "  generally:", "'general' is missing"),
        ("es.yml", "  suicide:", "  suicidio:", "replies differ: suicide, suicidio"),
        ("es.yml", "language: es", "language: [", "cannot be read"),
        ("en.yml", "until {opens}", "until {opening}", r"closed_until.*\{opening\}"),
        ("sms_keywords.yml", "{clinic}: you're", "{clinics}: you're", r"stop\.en.*\{clinics\}"),
        ("sms_keywords.yml", "  help:", "  hilfe:", "'help'"),
    ],
)
def test_a_faulty_file_is_refused_by_name(folder: Path, file: str, old: str, new: str, message: str) -> None:
    _replace(folder / file, old, new)
    with pytest.raises(ValueError, match=message) as caught:
        load_replies(folder, RESOURCES)
    assert file in str(caught.value)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "en.yml").unlink()
    with pytest.raises(ValueError, match=r"en\.yml is missing"):
        load_replies(folder, RESOURCES)
