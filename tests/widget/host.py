"""A clinic's own page on another host than the gateway, with a policy as strict as they come."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote, urlsplit

NONCE = "b3Blbi10by1vbmUtc2NyaXB0"


def page(gateway: str, attributes: str) -> str:
    """Return the page with the one tag on it."""
    return (f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A clinic</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
            '<body><main><h1>A clinic</h1><p>Welcome.</p></main>'
            f'<script nonce="{NONCE}" src="{gateway}/widget.js" {attributes}></script></body></html>')


def policy(gateway: str) -> str:
    """Return a policy that lets in nothing but the script with the nonce and its calls."""
    return (f"default-src 'none'; script-src 'nonce-{NONCE}'; connect-src {gateway}; base-uri 'none'; "
            "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'")


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler], port: int = 0) -> Iterator[str]:
    """Serve with a handler on this machine and give the address."""
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def clinic_page(site: str, gateway: str, attributes: str = "") -> Iterator[str]:
    """Serve the page at `site` and give its address."""
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # In the address, since a connection that the browser has kept may outlive the server that it began with.
            body = page(gateway, unquote(urlsplit(self.path).query)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", policy(gateway))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None: ...

    with serving(Handler, urlsplit(site).port or 0):
        yield f"{site}/?{quote(attributes)}"
