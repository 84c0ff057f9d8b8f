"""Listeners on loopback, for the tests that check the messages to people."""

from __future__ import annotations

import json
from contextlib import contextmanager
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler

from laptop.loopback import served
from laptop.service import free_port


@contextmanager
def webhook():
    """A listener on loopback; yields its connection and the texts it has received."""
    texts: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            texts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with served(Handler) as url:
        yield json.dumps({"conn_type": "http", "host": url}), texts


@contextmanager
def catalogue(*keywords: str):
    """An API on loopback whose catalogue gives every dataset these keywords; yields its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"metas": {"default": {"keyword": list(keywords)}}}).encode())

        def log_message(self, *_):
            pass

    with served(Handler) as url:
        yield url


@contextmanager
def mail_server():
    """A mail server on loopback; yields its connection and the messages it has received."""
    from aiosmtpd.controller import Controller

    received: list[tuple[list[str], str]] = []

    class Handler:
        async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the name aiosmtpd calls
            part = next(part for part in message_from_bytes(envelope.content).walk() if not part.is_multipart())
            received.append((envelope.rcpt_tos, part.get_payload(decode=True).decode()))
            return "250 OK"

    port = free_port(0)
    controller = Controller(Handler(), hostname="127.0.0.1", port=port)
    controller.start()
    extra = {"from_email": "pipeline@example.org", "disable_ssl": True, "disable_tls": True}
    try:
        yield json.dumps({"conn_type": "smtp", "host": "127.0.0.1", "port": port, "extra": extra}), received
    finally:
        controller.stop()
