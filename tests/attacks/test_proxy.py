"""What strangers send to the proxy: smuggled requests, made-up headers, ways around its rules, slow lines."""

from __future__ import annotations

import json
import re
import socket
import sqlite3
import ssl
import time
from contextlib import closing

import pytest

from tests.attacks.conftest import HOST, House
from tests.attacks.front import statuses

pytestmark = pytest.mark.slow
HIDDEN = f"POST /api/conversations HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 2\r\n\r\n{{}}".encode()
IN_CHUNKS = b"0\r\n\r\n" + HIDDEN
ONE_CHUNK = f"{len(HIDDEN):x}\r\n".encode() + HIDDEN + b"\r\n0\r\n\r\n"


def framed(headers: str, body: bytes) -> bytes:
    """Return a request whose headers disagree about where its body, with a request hidden in it, ends."""
    return f"POST /healthz HTTP/1.1\r\nHost: {HOST}\r\n{headers}\r\n\r\n".encode("latin-1") + body


SMUGGLED = {
    "length and chunks": framed(f"Content-Length: {len(IN_CHUNKS)}\r\nTransfer-Encoding: chunked", IN_CHUNKS),
    "chunks and length": framed("Transfer-Encoding: chunked\r\nContent-Length: 4", ONE_CHUNK),
    "a blank before the colon": framed(f"Content-Length: {len(IN_CHUNKS)}\r\nTransfer-Encoding : chunked", IN_CHUNKS),
    "a tab in the value": framed(f"Content-Length: {len(IN_CHUNKS)}\r\nTransfer-Encoding: \x0bchunked", IN_CHUNKS),
    "an unknown encoding": framed(f"Content-Length: {len(IN_CHUNKS)}\r\nTransfer-Encoding: xchunked", IN_CHUNKS),
    "two encodings": framed(f"Content-Length: {len(IN_CHUNKS)}\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: cow", IN_CHUNKS),
    "an encoding behind a bare line feed": framed(f"Content-Length: {len(IN_CHUNKS)}\r\nX: x\nTransfer-Encoding: chunked", IN_CHUNKS),
    "an underscore": framed(f"Content-Length: {len(IN_CHUNKS)}\r\nTransfer_Encoding: chunked", IN_CHUNKS),
    "a folded header": framed(f"Content-Length: {len(IN_CHUNKS)}\r\nTransfer-Encoding:\r\n chunked", IN_CHUNKS),
    "two lengths": framed(f"Content-Length: {len(HIDDEN)}\r\nContent-Length: 0", HIDDEN),
    "a signed length": framed("Content-Length: +0", HIDDEN),
    "a negative length": framed("Content-Length: -1", HIDDEN),
    "a length with words": framed("Content-Length: 0x0", HIDDEN),
    "a chunk of impossible size": framed("Transfer-Encoding: chunked", b"fffffffffffffffff\r\n" + HIDDEN),
    "a chunk with a sign": framed("Transfer-Encoding: chunked", b"-1\r\n" + HIDDEN),
    "a nul in a name": framed(f"Content-Length: {len(IN_CHUNKS)}\r\nTransfer-Encoding\x00: chunked", IN_CHUNKS),
    "line ends in the path": f"GET /healthz HTTP/1.1%0d%0aHost:{HOST}%0d%0a%0d%0aPOST%20/api/conversations HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode(),
    "an upgrade": framed(f"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\nContent-Length: {len(HIDDEN)}", HIDDEN),
    "the headers of one hop": framed(f"Connection: close, Content-Length, X-Forwarded-For\r\nContent-Length: {len(HIDDEN)}", HIDDEN),
    "a lower version": f"POST /healthz HTTP/1.0\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + IN_CHUNKS,
}


def count(house: House) -> int:
    """Return how many chats were ever opened."""
    with closing(sqlite3.connect(house.database, timeout=20)) as database:
        return int(database.execute("SELECT count(*) FROM records_conversation").fetchone()[0])


def test_an_ordinary_patient_gets_through(house: House) -> None:
    before = count(house)
    status, _, body = house.nginx.ask("POST", "/api/conversations", b"{}", Content_Type="application/json")
    assert status == 201 and count(house) == before + 1
    token = json.loads(body)["conversation"]
    status, _, body = house.nginx.ask(
        "POST", "/api/messages", json.dumps({"client_id": "abcdefgh1", "text": "I want to kill myself"}).encode(),
        Authorization=f"Bearer {token}")
    assert status == 200 and json.loads(body)["messages"][1]["kind"] == "crisis"


@pytest.mark.parametrize("name", SMUGGLED)
def test_a_request_hidden_in_another_is_never_carried_out(house: House, name: str) -> None:
    before = count(house)
    answered = statuses(house.nginx.raw(SMUGGLED[name], wait=1.0))
    assert 201 not in answered and len(answered) <= 1, answered
    status, _, body = house.nginx.ask("GET", "/healthz")  # nor is it put before the next one's answer
    assert (status, json.loads(body)) == (200, {"status": "alive"})
    assert count(house) == before


@pytest.mark.parametrize("path", [
    "/metrics", "//metrics", "/./metrics", "/demo/../metrics", "/metrics?x=1", "/%6detrics", "/metrics#x",
    "/readyz", "/%2e/readyz", "/sms/resume", "/sms//resume", "/sms/./resume"])
def test_what_is_for_the_clinics_machines_stays_inside(house: House, path: str) -> None:
    for method in ("GET", "POST"):
        answered = house.nginx.raw(f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        assert statuses(answered) in ([404], [400], [405]) and b"bot_" not in answered and b"parts" not in answered


def test_nobody_makes_up_where_they_come_from(house: House) -> None:
    status, headers, body = house.nginx.ask("GET", "/desk/login/")
    form = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', body)
    cookie = headers["set-cookie"].partition(";")[0]
    assert status == 200 and form
    sent = f"csrfmiddlewaretoken={form[1].decode()}&name=nobody&password=x".encode()
    status, _, _ = house.nginx.ask(
        "POST", "/desk/login/", sent, Content_Type="application/x-www-form-urlencoded", Cookie=cookie,
        Referer=f"https://{HOST}/desk/login/", X_Forwarded_For="198.51.100.7, 203.0.113.9", Forwarded="for=198.51.100.7",
        X_Real_IP="198.51.100.7", X_Forwarded_Proto="http")
    assert status == 401
    with closing(sqlite3.connect(house.database, timeout=20)) as database:
        address, = database.execute("SELECT address FROM records_auditrow WHERE action = 'sign_in_failed' "
                                    "ORDER BY id DESC LIMIT 1").fetchone()
    assert address == "127.0.0.1"


def test_nobody_chooses_the_id_of_their_lines_in_the_log(house: House) -> None:
    _, headers, _ = house.nginx.ask("GET", "/healthz", X_Request_ID="ab" * 16)
    assert headers["x-request-id"] != "ab" * 16
    assert headers["x-request-id"] in (house.nginx.folder / "assistant.log").read_text()


def test_another_name_leads_nowhere(house: House) -> None:
    with pytest.raises(ssl.SSLError):
        house.nginx.line("evil.example")
    assert house.nginx.raw(b"GET /desk/login/ HTTP/1.1\r\nHost: evil.example\r\n\r\n") == b""
    for path in ("/desk/", "//evil.example/", "/\\evil.example"):
        with socket.create_connection(("127.0.0.1", house.nginx.http), 5) as plain:
            plain.sendall(f"GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".encode())
            answer = plain.recv(4096).decode()
        assert f"Location: https://{HOST}/" in answer


def test_slow_lines_are_cut_and_keep_nobody_waiting(house: House) -> None:
    slow = [house.nginx.line() for _ in range(60)]
    for number, line in enumerate(slow):
        line.settimeout(15)
        line.sendall(b"POST /api/messages HTTP/1.1\r\nHost: " + HOST.encode() + b"\r\n" +
                     (b"X-A: b" if number % 2 else b"Content-Length: 500\r\n\r\n{"))
    started = time.monotonic()
    assert house.nginx.ask("POST", "/api/conversations", b"{}")[0] == 201
    cut = 0
    for line in slow:
        try:
            line.sendall(b"x")
            line.recv(4096)  # an answer that it took too long, or the end of the line
            cut += 1
        except TimeoutError:  # still open
            pass
        except OSError:
            cut += 1
        line.close()
    assert cut == 60 and time.monotonic() - started < 14
    assert house.nginx.ask("GET", "/healthz")[0] == 200


def test_what_is_too_large_is_refused_before_the_assistant_reads_it(house: House) -> None:
    assert house.nginx.ask("POST", "/api/messages", b"x" * 100_000)[0] == 413
    assert house.nginx.ask("GET", "/healthz", X_Large="x" * 9000)[0] in (400, 431)
    assert house.nginx.ask("GET", "/" + "a" * 9000)[0] in (404, 414)
