"""Failed sign-ins slow down whoever fails: by name and address, by address, and by name."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from bot.desk.models import SignInTry

WINDOW = timedelta(minutes=15)
PAIR_LIMIT = 5       # one name from one address
ADDRESS_LIMIT = 30   # one address, any name: a clinic may sit behind one
CODE_LIMIT = 10      # codes of one person from anywhere: whoever tries them has the password already
NAME_LIMIT = 50      # one name from anywhere; high, so that a stranger cannot lock staff out cheaply


def begin_try(name: str, address: str | None, now: datetime, name_limit: int = NAME_LIMIT) -> SignInTry | None:
    """Write a try down before it is checked and return it, or None if there were too many.

    It counts as failed until `forgive`, so that tries side by side cannot slip past the limit.
    """
    SignInTry.objects.filter(at__lt=now - WINDOW).delete()
    name_hash = salted_hmac("desk.sign_in", name.strip().lower(), algorithm="sha256").hexdigest()
    this = SignInTry.objects.create(name_hash=name_hash, address=address, at=now)
    recent = SignInTry.objects.filter(at__gte=now - WINDOW)
    by_name = recent.filter(name_hash=name_hash)
    too_many = (by_name.filter(address=address).count() > PAIR_LIMIT
                or recent.filter(address=address).count() > ADDRESS_LIMIT
                or by_name.count() > name_limit)
    if too_many:
        this.delete()  # a refused try does not prolong the wait
        return None
    return this


def forgive(this: SignInTry) -> None:
    """Forget the failed tries of this name from this address, once the right password was given."""
    SignInTry.objects.filter(name_hash=this.name_hash, address=this.address).delete()
