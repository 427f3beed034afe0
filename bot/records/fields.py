"""Fields that the database holds encrypted: contact details and the secrets of second factors."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.db import models

from bot.settings import get_settings

PREFIX = "e1:"


class CannotDecrypt(Exception):
    """A value was written with another key: `FIELD_KEY` or `var/field_key` is not the one it was."""


class EncryptedField(models.TextField):  # type: ignore[type-arg]
    """Text that only this installation can read.

    The same text gives the same ciphertext (AES-SIV, RFC 5297), so that `filter(phone=...)` and an
    index on the column work; nothing else can be asked of the column.
    """

    def get_prep_value(self, value: Any) -> Any:
        return encrypt(super().get_prep_value(value))

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        return decrypt(value)


def encrypt(text: str | None) -> str | None:
    """Return a text as the database keeps it; what is empty or already encrypted stays as it is."""
    if not text or text.startswith(PREFIX):
        return text
    return PREFIX + base64.urlsafe_b64encode(_cipher().encrypt(text.encode(), None)).decode()


def decrypt(kept: str | None) -> str | None:
    """Return the text of a kept value; raises `CannotDecrypt` when it was written with another key."""
    if not kept or not kept.startswith(PREFIX):
        return kept
    try:
        return _cipher().decrypt(base64.urlsafe_b64decode(kept[len(PREFIX):]), None).decode()
    except (InvalidTag, ValueError) as error:
        raise CannotDecrypt("this value was written with another FIELD_KEY") from error


@lru_cache(maxsize=1)
def _cipher() -> AESSIV:
    key = HKDF(algorithm=SHA256(), length=64, salt=None, info=b"bot.records.fields").derive(
        get_settings().env.field_key.encode())
    return AESSIV(key)
