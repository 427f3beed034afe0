"""A small FHIR R4 server for tests: it keeps versions, guards writes, and refuses what the kept models refuse."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fhirclient.models import appointment, slot
from fhirclient.models.fhirabstractbase import FHIRValidationError

MODELS = {"Appointment": appointment.Appointment, "Slot": slot.Slot}
PAGE = 7  # small, so that paging is needed


class Store:
    """The server's resources."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}

    def put(self, resource: dict[str, Any]) -> dict[str, Any]:
        key = f"{resource['resourceType']}/{resource['id']}"
        version = int(self.rows.get(key, {}).get("meta", {}).get("versionId", 0)) + 1
        stored = {**resource, "meta": {"versionId": str(version)}}
        MODELS[resource["resourceType"]](stored)  # raises FHIRValidationError
        self.rows[key] = stored
        return stored

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [row for row in self.rows.values() if row["resourceType"] == kind]


class Handler(BaseHTTPRequestHandler):
    store: Store

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        path, query = parts.path.strip("/"), parse_qs(parts.query)
        if "/" in path:
            row = self.store.rows.get(path)
            return self._answer(200 if row else 404, row or {})
        rows = [row for row in self.store.of(path) if self._matches(row, query)]
        offset = int(query.get("_offset", ["0"])[-1])
        bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset",
                                  "entry": [{"resource": row} for row in rows[offset:offset + PAGE]]}
        if offset + PAGE < len(rows):
            rest = f"{self.path}{'&' if parts.query else '?'}_offset={offset + PAGE}"
            bundle["link"] = [{"relation": "next", "url": f"http://{self.headers['Host']}{rest}"}]
        return self._answer(200, bundle)

    def do_POST(self) -> None:
        body = self._body()
        self._store({**body, "id": str(len(self.store.rows) + 1)}, 201)

    def do_PUT(self) -> None:
        key, body = self.path.strip("/"), self._body()
        current = self.store.rows.get(key, {}).get("meta", {}).get("versionId")
        guard = self.headers.get("If-Match")
        if guard and guard != f'W/"{current}"':
            return self._answer(412, {})
        return self._store(body, 200)

    def _store(self, body: dict[str, Any], status: int) -> None:
        try:
            self._answer(status, self.store.put(body))
        except FHIRValidationError as error:
            self._answer(422, {"error": str(error)})

    def _matches(self, row: dict[str, Any], query: dict[str, list[str]]) -> bool:
        if "schedule" in query and row.get("schedule", {}).get("reference") not in query["schedule"]:
            return False
        for bound in query.get("start", []) + query.get("date", []):
            sign, value, start = bound[:2], bound[2:], row["start"]
            if (sign == "ge" and start < value) or (sign == "lt" and start >= value) or (sign == "eq" and start != value):
                return False
        return True

    def _body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        return found

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(data)))
        if version := body.get("meta", {}).get("versionId"):
            self.send_header("ETag", f'W/"{version}"')
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[tuple[str, Store]]:
    """Serve an empty store and yield its address and itself."""
    store = Store()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"store": store}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", store
    finally:
        server.shutdown()
        server.server_close()
