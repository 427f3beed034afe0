"""Addresses of this machine's processes, and what else the environment says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Oidc:
    """The clinic's identity provider, for single sign-on at the desk."""

    issuer: str
    client_id: str
    client_secret: str
    claim: str
    label: str


@dataclass(frozen=True)
class Processes:
    """How many of each process this machine runs; each takes the next port after the first one's."""

    web: int
    rasa: int
    actions: int
    worker: int


@dataclass(frozen=True)
class Environment:
    """Addresses and secrets, from the environment; `.env.example` lists every one."""

    database_url: str
    redis_url: str | None
    secret_key: str
    internal_token: str
    field_key: str
    host: str
    port: int
    rasa_port: int
    actions_port: int
    processes: Processes
    public_url: str
    rasa_timeout: float
    twilio_account_sid: str | None
    twilio_auth_token: str
    twilio_number: str | None
    twilio_messaging_service_sid: str | None
    standin_port: int
    email_url: str | None
    oidc: Oidc | None
    debug: bool
    var: Path
    models: Path
    models_sha256: str | None

    @property
    def rasa_urls(self) -> tuple[str, ...]:
        """Where the gateway finds this machine's Rasa processes; loopback only."""
        return tuple(f"http://127.0.0.1:{self.rasa_port + number}" for number in range(self.processes.rasa))

    @property
    def actions_urls(self) -> tuple[str, ...]:
        """Where Rasa finds this machine's action servers; loopback only."""
        return tuple(f"http://127.0.0.1:{self.actions_port + number}" for number in range(self.processes.actions))

    @property
    def dialogue_url(self) -> str:
        """Where Rasa keeps its dialogue: a file of its own, or the clinic's PostgreSQL."""
        if self.database_url.startswith("sqlite"):
            return f"sqlite:///{self.var.absolute() / 'rasa.sqlite3'}"
        return self.database_url.replace("postgres://", "postgresql://", 1)

    @property
    def uses_standin(self) -> bool:
        """Whether texts go to the stand-in for Twilio on this machine: never with an account, never in public."""
        return not self.twilio_account_sid and not self.is_public

    @property
    def standin_url(self) -> str:
        """Where the stand-in for Twilio listens; loopback only."""
        return f"http://127.0.0.1:{self.standin_port}"

    @property
    def sms_number(self) -> str:
        """The clinic's number in E.164, or the one that the stand-in lends."""
        return self.twilio_number or "+15550100134"

    @property
    def is_exposed(self) -> bool:
        """Whether anybody but this machine can reach the gateway, by its public address or its own."""
        return self.is_public or self.host not in ("127.0.0.1", "localhost", "::1")

    @property
    def is_public(self) -> bool:
        """Whether people outside this machine can reach the gateway."""
        return urlsplit(self.public_url).hostname not in ("127.0.0.1", "localhost", "::1")
