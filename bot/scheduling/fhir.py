"""A FHIR R4 server as a staff calendar: its Slots are read, visits are its Appointments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import requests

from bot.scheduling.calendars import CalendarDown, ChangedMeanwhile, Found, Kept, Reading, Span
from bot.scheduling.invitation import Visit

TIMEOUT = 5  # seconds
PAGES = 40
SYSTEM = "urn:ietf:rfc:3986"
JSON = "application/fhir+json"


class Fhir:
    """One Schedule of a server."""

    def __init__(self, base: str, token: str, schedule: str, session: requests.Session | None = None) -> None:
        self._base, self._schedule = base.rstrip("/"), schedule
        self._http = session or requests.Session()
        self._http.headers["Accept"] = JSON
        if token:
            self._http.headers["Authorization"] = f"Bearer {token}"

    def read(self, start: datetime, end: datetime, ours: frozenset[str]) -> Reading:
        """Return our visits and what is not free between two times; raises `CalendarDown`.

        Where the schedule has free slots, what is outside of them is taken.
        """
        within = {"start": [f"ge{_instant(start)}", f"lt{_instant(end)}"], "_count": "200"}
        slots = list(self._search("Slot", {"schedule": self._schedule, **within}))
        free = sorted(_span(slot) for slot in slots if slot.get("status") == "free")
        busy = [Span(*_span(slot)) for slot in slots if str(slot.get("status", "")).startswith("busy")]
        if free:
            busy += _gaps(free, start, end)
        dates = {"date": within["start"], "_count": "200"}
        visits = [found for item in self._search("Appointment", dates) if (found := _found(item)) and found.uid in ours]
        return Reading(visits, busy)

    def write(self, visit: Visit, kept: Kept | None) -> Kept:
        """Write a visit as an Appointment; raises `ChangedMeanwhile`, `CalendarDown`."""
        slot = self._slot_at(visit.start)
        body = appointment(visit, f"Slot/{slot['id']}" if slot else None)
        if kept:
            body["id"] = kept.href.rpartition("/")[2]
            answer = self._ask("PUT", f"{self._base}/{kept.href}", body, {"If-Match": kept.etag})
        else:
            answer = self._ask("POST", f"{self._base}/Appointment", body,
                               {"If-None-Exist": f"identifier={SYSTEM}|{_urn(visit.uid)}"})
        if slot and slot.get("status") == "free":
            self._mark(slot, "busy")
        stored = answer.json()
        return Kept(f"Appointment/{stored['id']}", _etag(answer, stored))

    def remove(self, kept: Kept) -> None:
        """Cancel the Appointment and free its slot; raises `ChangedMeanwhile`, `CalendarDown`."""
        answer = self._ask("GET", f"{self._base}/{kept.href}", None, {})
        if answer.status_code in (404, 410):
            return
        body = answer.json()
        body["status"] = "cancelled"
        slots = [entry["reference"] for entry in body.pop("slot", [])]
        self._ask("PUT", f"{self._base}/{kept.href}", body, {"If-Match": kept.etag})
        for reference in slots:
            self._mark(self._ask("GET", f"{self._base}/{reference}", None, {}).json(), "free")

    def _slot_at(self, start: datetime) -> dict[str, Any] | None:
        return next(
            (
                slot
                for slot in self._search("Slot", {"schedule": self._schedule, "start": f"eq{_instant(start)}"})
                if _span(slot)[0] == start
            ),
            None,
        )

    def _mark(self, slot: dict[str, Any], status: str) -> None:
        version = slot.get("meta", {}).get("versionId")
        self._ask("PUT", f"{self._base}/Slot/{slot['id']}", {**slot, "status": status},
                  {"If-Match": f'W/"{version}"'} if version else {})

    def _search(self, kind: str, params: dict[str, Any]) -> Iterator[dict[str, Any]]:
        url: str | None = f"{self._base}/{kind}"
        for _page in range(PAGES):
            bundle = self._ask("GET", url or "", None, {}, params).json()
            yield from (entry["resource"] for entry in bundle.get("entry", [])
                        if entry.get("resource", {}).get("resourceType") == kind)
            url = next((link["url"] for link in bundle.get("link", []) if link.get("relation") == "next"), None)
            params = {}
            if url is None:
                return

    def _ask(self, method: str, url: str, body: dict[str, Any] | None, headers: dict[str, str],
             params: dict[str, Any] | None = None) -> requests.Response:
        try:
            answer = self._http.request(method, url, json=body, params=params, timeout=TIMEOUT,
                                        headers={**headers, **({"Content-Type": JSON} if body else {})})
            if answer.status_code in (409, 412):
                raise ChangedMeanwhile
            if answer.status_code >= 400 and not (method == "GET" and answer.status_code in (404, 410)):
                raise CalendarDown(f"status {answer.status_code}")
            if method != "GET" or answer.status_code < 400:
                answer.json()
        except (requests.RequestException, ValueError) as error:
            raise CalendarDown(type(error).__name__) from error
        return answer


def appointment(visit: Visit, slot: str | None) -> dict[str, Any]:
    """Return a visit as an R4 Appointment: no reason, no diagnosis, of the patient a first name."""
    body: dict[str, Any] = {
        "resourceType": "Appointment", "status": "cancelled" if visit.cancelled else "booked",
        "identifier": [{"system": SYSTEM, "value": _urn(visit.uid)}], "description": visit.title,
        "start": _instant(visit.start), "end": _instant(visit.end),
        "minutesDuration": int((visit.end - visit.start).total_seconds() // 60),
        "participant": [{"actor": {"display": visit.title}, "required": "required", "status": "accepted"}]}
    if slot:
        body["slot"] = [{"reference": slot}]
    return body


def _found(item: dict[str, Any]) -> Found | None:
    urn = next((entry.get("value", "") for entry in item.get("identifier", []) if entry.get("system") == SYSTEM), "")
    if not urn or "start" not in item or "end" not in item:
        return None
    return Found(f"{urn.removeprefix('urn:uuid:')}@visits", *_span(item),
                 item.get("status") in ("cancelled", "noshow", "entered-in-error"),
                 Kept(f"Appointment/{item.get('id')}", f'W/"{item.get("meta", {}).get("versionId", "")}"'))


def _gaps(free: list[tuple[datetime, datetime]], start: datetime, end: datetime) -> list[Span]:
    gaps: list[Span] = []
    at = start
    for first, last in free:
        if first > at:
            gaps.append(Span(at, first))
        at = max(at, last)
    if at < end:
        gaps.append(Span(at, end))
    return gaps


def _etag(answer: requests.Response, stored: dict[str, Any]) -> str:
    version = stored.get("meta", {}).get("versionId", "")
    return answer.headers.get("ETag") or f'W/"{version}"'


def _span(item: dict[str, Any]) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(item["start"]).astimezone(UTC), datetime.fromisoformat(item["end"]).astimezone(UTC)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _urn(uid: str) -> str:
    return "urn:uuid:" + uid.split("@")[0]
