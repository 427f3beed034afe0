"""Is a webhook call really Twilio's?"""

from __future__ import annotations

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, QueryDict
from twilio.request_validator import RequestValidator


def signed_params(request: HttpRequest, token: str, public_url: str) -> QueryDict | None:
    """Return the call's parameters when its signature is right, else None.

    Twilio signs the address it was told, not the one a proxy passes on, and every field, blank
    ones too; so the body is parsed here with blanks kept.
    """
    try:
        params = QueryDict(request.body, mutable=False)
    except SuspiciousOperation:  # more bytes or fields than any call of Twilio's has
        return None
    signature = request.headers.get("X-Twilio-Signature", "")
    url = public_url + request.get_full_path()
    return params if RequestValidator(token).validate(url, params, signature) else None
