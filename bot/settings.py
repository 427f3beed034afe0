"""`clinic.yml` and the environment, as one typed object."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, Extra, Field, ValidationError, validator

from bot.secret_values import BadSecret, refuse_weak, with_files

ROOT = Path(__file__).resolve().parent.parent
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
COUNTRIES = ("US", "CA", "GB", "IE", "AU", "NZ", "INT")


class SettingsError(Exception):
    """One line that names the file, the key and what is expected."""


class _Strict(BaseModel):
    class Config:
        extra = Extra.forbid
        frozen = True


class Service(_Strict):
    """Something that can be booked; after each visit `buffer_minutes` stay free."""

    id: str
    name: str
    minutes: int = Field(gt=0, le=480, multiple_of=5)
    buffer_minutes: int = Field(0, ge=0, le=120, multiple_of=5)
    lead_hours: int = Field(24, ge=0)
    days_ahead: int = Field(21, gt=0, le=365)
    rooms: tuple[str, ...] = ("Room 1",)
    staff: tuple[str, ...] = ()
    names: dict[str, str] = {}            # in other languages, such as {es: consulta}

    def name_in(self, language: str) -> str:
        """Return the service's name as it stands in a sentence."""
        return self.names.get(language, self.name).lower()


class Calendar(_Strict):
    """A staff member's own calendar: `caldav` (a collection's address) or `fhir` (a server's base address).

    The password or bearer token is read from the environment variable named by `secret`.
    """

    kind: Literal["caldav", "fhir"]
    url: str
    user: str = ""
    secret: str = ""
    schedule: str = ""        # FHIR: the Schedule whose slots these are, such as Schedule/17


class StaffMember(_Strict):
    """Someone who sees patients; without hours of their own they work the clinic's."""

    id: str
    name: str
    hours: dict[str, tuple[str, ...]] | None = None
    calendar: Calendar | None = None

    @validator("hours")
    def _readable_hours(cls, value: dict[str, tuple[str, ...]] | None) -> dict[str, tuple[str, ...]] | None:
        return _checked_hours(value) if value is not None else None


class Reminders(_Strict):
    """When patients are reminded, in hours before the visit, and when no text goes out."""

    hours_before: tuple[int, ...] = (168, 48, 2)
    quiet: str = "20:00-08:30"            # in the patient's zone, or the clinic's when theirs is not known
    missed_visit: bool = False            # after a missed visit, an offer to find another time

    @validator("quiet")
    def _readable_quiet(cls, value: str) -> str:
        _clock_span(value)
        return value

    @property
    def quiet_from(self) -> time:
        """When quiet begins."""
        return _clock_span(self.quiet)[0]

    @property
    def quiet_until(self) -> time:
        """When quiet ends, usually the next morning."""
        return _clock_span(self.quiet)[1]


class Escalation(_Strict):
    """Who is told besides, once nobody has acknowledged a P1 within five minutes."""

    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    webhooks: tuple[str, ...] = ()


class Alerts(_Strict):
    """Where alerts go; they carry a case number and no patient words."""

    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    webhooks: tuple[str, ...] = ()
    escalation: Escalation = Escalation()


class Retention(_Strict):
    """How many days each kind of record is kept after its last change; the audit is kept for six years."""

    conversations: int = Field(default=730, ge=1)
    danger: int = Field(default=2192, ge=2192)
    dialogue: int = Field(default=30, ge=1)
    outbox: int = Field(default=90, ge=7)
    visits: int = Field(default=2192, ge=30)


class Texts(_Strict):
    """Text messages that the clinic sends without being asked."""

    quiet: str = "20:00-09:00"            # none is sent then, by the clock where the phone is at home

    @validator("quiet")
    def _readable_quiet(cls, value: str) -> str:
        _clock_span(value)
        return value

    @property
    def quiet_from(self) -> time:
        """When quiet begins."""
        return _clock_span(self.quiet)[0]

    @property
    def quiet_until(self) -> time:
        """When quiet ends, usually the next morning."""
        return _clock_span(self.quiet)[1]


class Drafts(_Strict):
    """Whether words that no clinician has signed may be shown to the public."""

    allow_public: bool = False


class Clinic(_Strict):
    """What a clinic changes, from `clinic.yml`."""

    clinic: str = Field(min_length=1)
    visit_name: str | None = None         # in reminders and calendars; unset: the name without the word ketamine
    phone: str = Field(min_length=3)
    on_call_phone: str | None = None
    email: str | None = None
    address: str = ""
    country: str = "US"
    time_zone: str
    languages: tuple[str, ...] = ("en",)
    ages_treated: str = ""
    hours: dict[str, tuple[str, ...]]
    holidays: tuple[date, ...] = ()
    services: tuple[Service, ...]
    staff: tuple[StaffMember, ...] = ()
    reminders: Reminders = Reminders()
    booking_url: str | None = None        # publishes the free times (SMART Scheduling Links), booked at this address
    facts: dict[str, str] = {}
    sites: tuple[str, ...] = ()
    alerts: Alerts = Alerts()
    texts: Texts = Texts()
    drafts: Drafts = Drafts()
    retention: Retention = Retention()

    @validator("country")
    def _known_country(cls, value: str) -> str:
        if value not in COUNTRIES:
            raise ValueError(f"one of {', '.join(COUNTRIES)}")
        return value

    @validator("time_zone")
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("an IANA time zone such as America/New_York") from error
        return value

    @validator("sites", each_item=True)
    def _origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
            raise ValueError("an origin such as https://www.your-clinic.example, without a path")
        return value

    @validator("hours")
    def _readable_hours(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return _checked_hours(value)

    @validator("services")
    def _some_service(cls, value: tuple[Service, ...]) -> tuple[Service, ...]:
        if not value:
            raise ValueError("at least one service")
        return value

    @validator("staff")
    def _known_staff(cls, value: tuple[StaffMember, ...], values: dict[str, Any]) -> tuple[StaffMember, ...]:
        ids = {member.id for member in value}
        for service in values.get("services", ()):
            for id in service.staff:
                if id not in ids:
                    raise ValueError(f"an entry with the id {id!r}, whom services.{service.id} names")
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return ZoneInfo(self.time_zone)

    def spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """Return the opening spans of a day in the clinic's zone; empty on holidays."""
        if day in self.holidays:
            return []
        return [(datetime.combine(day, start, self.zone), datetime.combine(day, end, self.zone))
                for start, end in map(_span, self.hours.get(WEEKDAYS[day.weekday()], ()))]

    def spans_of(self, member: StaffMember, day: date) -> list[tuple[datetime, datetime]]:
        """Return the spans of a day in which a staff member sees patients, in the clinic's zone."""
        if member.hours is None:
            return self.spans(day)
        if day in self.holidays:
            return []
        return [(datetime.combine(day, start, self.zone), datetime.combine(day, end, self.zone))
                for start, end in map(_span, member.hours.get(WEEKDAYS[day.weekday()], ()))]

    def service(self, id: str | None) -> Service:
        """Return a service by its id; the first one when there is none by that id."""
        return next((service for service in self.services if service.id == id), self.services[0])

    def is_open(self, now: datetime) -> bool:
        """Return whether staff are there at `now` (any zone)."""
        local = now.astimezone(self.zone)
        return any(start <= local < end for start, end in self.spans(local.date()))

    def opens(self, now: datetime) -> str | None:
        """Return when the clinic opens next, as "Monday at 9:00 am"; None when not within two weeks."""
        local = now.astimezone(self.zone)
        for days in range(15):
            for start, _ in self.spans(local.date() + timedelta(days=days)):
                if start > local:
                    return f"{start:%A} at {start.hour % 12 or 12}:{start:%M} {'am' if start.hour < 12 else 'pm'}"
        return None

    @property
    def treats_from(self) -> int:
        """The youngest age treated, from the words of `ages_treated`; 18 when they name none."""
        number = re.search(r"\d+", self.ages_treated)
        return int(number[0]) if number else 18

    @property
    def neutral_name(self) -> str:
        """The clinic's name as others may see it on a lock screen or in a shared calendar: no word of the treatment."""
        name = self.visit_name or re.sub(r"\bketamine\b\s*", "", self.clinic, flags=re.IGNORECASE)
        return " ".join(name.split()) or "the clinic"

    def known_facts(self) -> dict[str, str]:
        """Return the values that reviewed texts may use in braces."""
        return {**self.facts, "clinic": self.clinic, "phone": self.phone,
                **({"email": self.email} if self.email else {})}


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


@dataclass(frozen=True)
class Settings:
    """Everything that can differ between two clinics."""

    clinic: Clinic
    env: Environment


def load_settings(root: Path = ROOT, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings; raises `SettingsError` with one line a person can act on."""
    values = {**_dotenv(root / ".env"), **(os.environ if environ is None else environ)}
    clinic = load_clinic(Path(values.get("CLINIC_FILE", root / "clinic.yml")))
    try:
        values = with_files(values)
        env = _environment(root, values)
        if env.is_exposed:
            _refuse_public_mistakes(env)
            refuse_weak(values, env.var, root / ".env")
    except BadSecret as error:
        raise SettingsError(str(error)) from None
    return Settings(clinic, env)


def _refuse_public_mistakes(env: Environment) -> None:
    """Raise `SettingsError` for what is fine on one's own machine and a hole where others can reach it."""
    if env.debug:
        raise SettingsError("environment: DEBUG: pages of errors show patients' words; never in public")
    if env.is_public and not env.public_url.startswith("https://"):
        raise SettingsError("environment: PUBLIC_URL: a public address must be https")


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return this process's settings, read once; raises `SettingsError`."""
    return load_settings()


def load_clinic(path: Path) -> Clinic:
    """Return the clinic's own settings; raises `SettingsError`."""
    data = read_yaml(path)
    if not isinstance(data, dict):
        raise SettingsError(f"{path.name}: expected a list of settings, each 'name: value'")
    try:
        return Clinic(**data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{path.name}: {key}: {_plain(first)}") from None


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds; raises `SettingsError` with the file and line."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"{path.name}: the file is missing") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not readable as YAML"
        raise SettingsError(f"{path.name}:{where} {problem}") from None


def _plain(error: Mapping[str, Any]) -> str:
    if error["type"] == "value_error.missing":
        return "missing"
    if error["type"] == "value_error.extra":
        return "not a setting that is known here"
    return f"expected {error['msg']}" if error["type"] == "value_error" else str(error["msg"])


def _checked_hours(value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    for day, spans in value.items():
        if day not in WEEKDAYS:
            raise ValueError(f"{day!r} is not a day of the week")
        for span in spans:
            _span(span)
    return value


def _clock_span(text: str) -> tuple[time, time]:
    """Return the two clock times of a span that may go over midnight."""
    try:
        start, end = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError as error:
        raise ValueError(f"{text!r} is not of the form 20:00-08:30") from error
    return start, end


def _span(text: str) -> tuple[time, time]:
    try:
        start, end = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError as error:
        raise ValueError(f"{text!r} is not of the form 09:00-17:00") from error
    if start >= end:
        raise ValueError(f"{text!r} ends before it starts")
    return start, end


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    pairs = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines()
             if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


def _environment(root: Path, values: Mapping[str, str]) -> Environment:
    var = Path(values.get("BOT_VAR", root / "var"))
    port = _port(values, "BOT_PORT", 8000)
    return Environment(
        database_url=values.get("DATABASE_URL") or f"sqlite:///{var / 'bot.sqlite3'}",
        redis_url=_redis(values),
        secret_key=values.get("SECRET_KEY") or _kept_secret(var / "secret_key"),
        internal_token=values.get("BOT_INTERNAL_TOKEN") or _kept_secret(var / "internal_token"),
        field_key=values.get("FIELD_KEY") or _kept_secret(var / "field_key"),
        host=values.get("BOT_HOST", "127.0.0.1"),
        port=port,
        rasa_port=_port(values, "RASA_PORT", 5005),
        actions_port=_port(values, "ACTIONS_PORT", 5055),
        processes=_processes(values),
        public_url=values.get("PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        rasa_timeout=_seconds(values, "RASA_TIMEOUT", 6.0),
        twilio_account_sid=values.get("TWILIO_ACCOUNT_SID") or None,
        twilio_auth_token=_twilio_token(values) or _kept_secret(var / "demo_twilio_token"),
        twilio_number=_twilio_number(values.get("TWILIO_NUMBER", "")),
        twilio_messaging_service_sid=values.get("TWILIO_MESSAGING_SERVICE_SID") or None,
        standin_port=_port(values, "STANDIN_PORT", 5105),
        email_url=values.get("EMAIL_URL") or None,
        oidc=_oidc(values),
        debug=values.get("DEBUG", "") == "1",
        var=var,
        models=Path(values.get("BOT_MODELS", root / "models")),
        models_sha256=values.get("MODELS_SHA256") or None,
    )


def _oidc(values: Mapping[str, str]) -> Oidc | None:
    """Return the identity provider, or None when none is named; raises `SettingsError` when half of it is."""
    issuer = values.get("OIDC_ISSUER", "").rstrip("/")
    if not issuer:
        return None
    local = urlsplit(issuer).hostname in ("127.0.0.1", "localhost")
    if not issuer.startswith("https://") and not local:
        raise SettingsError("environment: OIDC_ISSUER: expected an https address")
    client, secret = values.get("OIDC_CLIENT_ID"), values.get("OIDC_CLIENT_SECRET")
    if not client or not secret:
        missing = "OIDC_CLIENT_SECRET" if client else "OIDC_CLIENT_ID"
        raise SettingsError(f"environment: {missing}: missing, since OIDC_ISSUER is set")
    return Oidc(issuer, client, secret,
                values.get("OIDC_CLAIM") or "email", values.get("OIDC_LABEL") or "the clinic's sign-on")


def _twilio_token(values: Mapping[str, str]) -> str | None:
    """Return Twilio's secret; raises `SettingsError` for an account that could neither be checked nor sent from."""
    if values.get("TWILIO_ACCOUNT_SID"):
        if not values.get("TWILIO_AUTH_TOKEN"):
            raise SettingsError("environment: TWILIO_AUTH_TOKEN: missing, while TWILIO_ACCOUNT_SID is set")
        if not (values.get("TWILIO_NUMBER") or values.get("TWILIO_MESSAGING_SERVICE_SID")):
            raise SettingsError("environment: TWILIO_NUMBER: missing, while TWILIO_ACCOUNT_SID is set "
                                "(or set TWILIO_MESSAGING_SERVICE_SID)")
    return values.get("TWILIO_AUTH_TOKEN") or None


def _twilio_number(text: str) -> str | None:
    """Return the clinic's number as Twilio wants it, or None; raises `SettingsError` when it is no such number."""
    number = re.sub(r"[\s().-]", "", text)
    if number and not re.fullmatch(r"\+[1-9]\d{6,14}|\d{3,8}", number):
        raise SettingsError(f"environment: TWILIO_NUMBER: expected a number such as +12125550142, found {text!r}")
    return number or None


def _processes(values: Mapping[str, str]) -> Processes:
    """Return how many of each process to run; raises `SettingsError`, also where they need what is not there."""
    return Processes(
        web=_count(values, "WEB_PROCESSES", values.get("WEB_PROCESSES")),
        rasa=_count(values, "RASA_PROCESSES", values.get("RASA_PROCESSES")),
        actions=_count(values, "ACTIONS_PROCESSES", values.get("ACTIONS_PROCESSES")),
        worker=_count(values, "WORKER_PROCESSES", values.get("WORKER_PROCESSES")))


def _count(values: Mapping[str, str], name: str, text: str | None) -> int:
    text = text or "1"
    if not text.isdigit() or not 1 <= int(text) <= 64:
        raise SettingsError(f"environment: {name}: expected a number from 1 to 64, found {text!r}")
    if int(text) > 1 and not values.get("DATABASE_URL", "").startswith("postgres"):
        raise SettingsError(f"environment: {name}: more than one needs PostgreSQL; set DATABASE_URL")
    return int(text)


def _redis(values: Mapping[str, str]) -> str | None:
    url = values.get("REDIS_URL") or None
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        raise SettingsError("environment: REDIS_URL: expected redis://host:port/number")
    return url


def _port(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name) or str(default)
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SettingsError(f"environment: {name}: expected a port number, found {text!r}")
    return int(text)


def _seconds(values: Mapping[str, str], name: str, default: float) -> float:
    text = values.get(name) or str(default)
    try:
        return float(text)
    except ValueError:
        raise SettingsError(f"environment: {name}: expected seconds, found {text!r}") from None


def _kept_secret(path: Path) -> str:
    """Return the secret kept in a file of this machine, made at the first start."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text(encoding="utf-8").strip()
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
        return path.read_text(encoding="utf-8").strip()
