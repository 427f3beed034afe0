"""The gateway of the channels' tests, for pages that are reached without one, and a carrier to send through."""

from tests.channels.conftest import gateway, real_gateway  # noqa: F401
from tests.records.sending import carrier, chat  # noqa: F401
