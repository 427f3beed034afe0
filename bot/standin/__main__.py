"""`python -m bot.standin`: Twilio's stand-in on this machine. It does not start beside a real account."""

from __future__ import annotations

import sys

from aiohttp import web

from bot.settings import SettingsError, get_settings
from bot.standin.api import build
from bot.standin.network import Account, Network


def main() -> int:
    """Serve until asked to stop; returns 1 when there is an account, or people outside could reach us."""
    try:
        env = get_settings().env
    except SettingsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if not env.uses_standin:
        print("error: the stand-in for Twilio is never used with an account or in public", file=sys.stderr)
        return 1
    account = Account("AC" + "0" * 32, env.twilio_auth_token, env.sms_number, env.public_url + "/sms/inbound",
                      service=env.twilio_messaging_service_sid)
    web.run_app(build(Network(account, delay=0.3)), host="127.0.0.1", port=env.standin_port, print=None,
                access_log=None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
