"""The gateway of the channels' tests, for pages that are reached without one."""

from tests.channels.conftest import gateway, real_gateway  # noqa: F401
