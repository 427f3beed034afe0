"""A real nginx over docs/deploy/nginx/, on loopback, and raw lines to it."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.tools import ROOT, free_ports, wait_for

DEPLOY = ROOT / "docs" / "deploy" / "nginx"
MAIN = """\
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    include {folder}/clinic.conf;
}}
"""


class Nginx:
    """nginx with our configuration; only addresses, paths and the length of its patience differ."""

    def __init__(self, folder: Path, host: str, behind: int) -> None:
        self.folder, self.host = folder, host
        self.https, self.http = free_ports(2)
        folder.mkdir(parents=True)
        certificate(folder, host)
        text = (DEPLOY / "clinic.conf").read_text()
        for before, after in {
                "listen 443": f"listen 127.0.0.1:{self.https}", "listen 80": f"listen 127.0.0.1:{self.http}",
                "127.0.0.1:8000": f"127.0.0.1:{behind}", "/etc/nginx/assistant-proxy": f"{DEPLOY}/assistant-proxy",
                "/etc/ssl/clinic": str(folder), "/var/log/nginx": str(folder), "timeout 10s": "timeout 2s"}.items():
            assert before in text, before
            text = text.replace(before, after)
        (folder / "clinic.conf").write_text(text)
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))
        self._command = [shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(folder / "nginx.conf"), "-e",
                         str(folder / "error.log")]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Nginx:
        done = subprocess.run([*self._command, "-t"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        self._process = subprocess.Popen(self._command, stderr=subprocess.DEVNULL)
        wait_for(lambda: _listens(self.https), 20)
        return self

    def __exit__(self, *args: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)

    def line(self, name: str | None = None) -> ssl.SSLSocket:
        """Return an open TLS line, asking for our name or another."""
        context = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        context.check_hostname = False
        raw = socket.create_connection(("127.0.0.1", self.https), 10)
        return context.wrap_socket(raw, server_hostname=name or self.host)

    def raw(self, sent: bytes, wait: float = 3.0) -> bytes:
        """Return everything that is answered to these bytes until the line ends or is silent for `wait` seconds."""
        with self.line() as line:
            line.settimeout(wait)
            with contextlib.suppress(OSError):
                line.sendall(sent)
            got = b""
            with contextlib.suppress(OSError):
                while part := line.recv(65536):
                    got += part
            return got

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers (names in lower case) and body of a request over TLS."""
        connection = http.client.HTTPConnection("127.0.0.1", self.https)
        connection.sock = self.line()
        sent: dict[str, Any] = {"Host": self.host, **{name.replace("_", "-"): value for name, value in headers.items()}}
        connection.request(method, path, body, sent)
        with contextlib.closing(connection):
            answer = connection.getresponse()
            names: dict[str, str] = {}
            for name, value in answer.getheaders():
                names[name.lower()] = f"{names[name.lower()]}\n{value}" if name.lower() in names else value
            return answer.status, names, answer.read()


def statuses(answered: bytes) -> list[int]:
    """Return the status of each answer on a line."""
    return [int(found) for found in re.findall(rb"HTTP/1\.[01] (\d{3})", answered)]


def certificate(folder: Path, host: str) -> None:
    """Write a certificate of our own for a name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=2))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), True).sign(key, hashes.SHA256()))
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    time.sleep(0.05)
    return False
