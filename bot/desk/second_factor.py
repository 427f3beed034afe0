"""The second factor: a passkey, a code from an authenticator app, or one of ten codes on paper."""

from __future__ import annotations

import io
import secrets
from datetime import datetime
from typing import Any

import pyotp
import segno
from django.db import transaction
from django.utils.crypto import salted_hmac

from bot.desk.models import Passkey, RecoveryCode, SecondFactor

RECOVERY_CODES = 10
STEP = 30  # seconds that a code is good for
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def has_one(user: Any) -> bool:
    """Return whether this person has a second factor: an authenticator app or a passkey."""
    return has_app(user) or Passkey.objects.filter(user=user).exists()


def has_app(user: Any) -> bool:
    """Return whether this person's authenticator app is set up."""
    return SecondFactor.objects.filter(user=user).exists()


def new_secret() -> str:
    """Return a fresh secret (160 bits, base32)."""
    return pyotp.random_base32()


def qr_svg(secret: str, name: str, clinic: str) -> str:
    """Return the picture that an authenticator app scans, as SVG without inline styles."""
    address = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=f"{clinic} desk")
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", xmldecl=False, scale=4, border=4, dark="#000",
                                        light="#fff", omitsize=True, title="QR code for an authenticator app")
    return out.getvalue().decode()


def set_up(user: Any, secret: str, code: str, now: datetime) -> list[str] | None:
    """Keep a secret once a code proves that the app has it; return the recovery codes, or None."""
    step = _step_of(secret, code, now)
    if step is None:
        return None
    with transaction.atomic():
        SecondFactor.objects.update_or_create(
            user=user, defaults={"secret": secret, "last_step": step, "made_at": now})
        return new_recovery_codes(user)


def check(user: Any, code: str, now: datetime) -> str:
    """Return "app" or "recovery" for a good code, which is then used up, and an empty text for any other."""
    factor = SecondFactor.objects.filter(user=user).first()
    step = _step_of(factor.secret, code, now) if factor else None
    if factor is not None and step is not None:
        # One statement, so that the same code sent twice at once is good once.
        return "app" if SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step).update(last_step=step) else ""
    used, _ = RecoveryCode.objects.filter(user=user, code_hash=_hashed(code)).delete()
    return "recovery" if used else ""


def remove(user: Any) -> None:
    """Forget somebody's app, passkeys and paper codes; the next sign-in sets up a new one."""
    SecondFactor.objects.filter(user=user).delete()
    Passkey.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()


def new_recovery_codes(user: Any) -> list[str]:
    """Return ten fresh paper codes; the ones before are good no more."""
    codes = ["-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))
             for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, code_hash=_hashed(code)) for code in codes)
    return codes


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the half minute that a code belongs to: this one, the one before or the next."""
    digits = "".join(code.split())
    if len(digits) != 6 or not digits.isascii() or not digits.isdigit():
        return None
    step, app = int(now.timestamp()) // STEP, pyotp.TOTP(secret)
    return next((near for near in (step, step - 1, step + 1)
                 if secrets.compare_digest(app.generate_otp(near), digits)), None)


def _hashed(code: str) -> str:
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return salted_hmac("desk.recovery", plain, algorithm="sha256").hexdigest()
