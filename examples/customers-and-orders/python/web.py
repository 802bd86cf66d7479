"""A small HTTP server for JSON, on the standard library alone.

A route is a function of the request that returns what the answer holds. `Failure` makes any other answer than 200.
"""

import json
import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import outrider
from outrider import Code

log = logging.getLogger("web")

BODY_MAX = 64 * 1024  # bytes
CENTS_MAX = 10**15

#: What the refusals of an aggregate are in HTTP.
STATUSES = {
    Code.INVALID_ARGUMENT: HTTPStatus.BAD_REQUEST,
    Code.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Code.ALREADY_EXISTS: HTTPStatus.CONFLICT,
    Code.FAILED_PRECONDITION: HTTPStatus.CONFLICT,
}


class Failure(Exception):
    """Answers with a status, and `{"error": message}`."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Request:
    """What a route gets: the fields of the body, and what else there is."""

    #: What the path has at {id}; 0 for a path without it.
    id: UUID
    fields: dict[str, Any]
    #: The header Idempotency-Key: a request that is sent again with it happens once.
    key: UUID | None

    def text(self, name: str) -> str:
        value = self.fields.get(name)
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            raise Failure(HTTPStatus.BAD_REQUEST, f"{name} must be a text on one line")
        return value

    def uuid(self, name: str) -> UUID:
        return uuid_of(self.text(name), f"{name} must be a UUID")

    def cents(self, name: str) -> int:
        """Of `{"amount": 12.50}`."""
        money = self.fields.get(name)
        amount = money.get("amount") if isinstance(money, dict) else None
        # JSON's true is a number to Python.
        cents = amount * 100 if isinstance(amount, (int, Decimal)) and not isinstance(amount, bool) else None
        if cents is None or not 0 <= cents <= CENTS_MAX or cents != int(cents):
            raise Failure(HTTPStatus.BAD_REQUEST, f'{name} must be {{"amount": a number of two decimals}}')
        return int(cents)


def money(cents: int) -> dict[str, float]:
    return {"amount": cents / 100}


Route = Callable[[Request], dict[str, Any]]


def start(address: str, routes: dict[str, Route]) -> ThreadingHTTPServer:
    """Serves routes such as "GET /orders/{id}" in threads of its own."""
    table = [(method, re.compile(path.replace("{id}", "(?P<id>[^/]+)")), route)
             for (method, path), route in ((name.split(), route) for name, route in routes.items())]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer()

        do_POST = do_PUT = do_DELETE = do_GET

        def answer(self) -> None:
            try:
                status, answer = HTTPStatus.OK, self.find()
            except Failure as failure:
                status, answer = failure.status, {"error": str(failure)}
            except outrider.Refused as refusal:
                status = STATUSES.get(refusal.code, HTTPStatus.INTERNAL_SERVER_ERROR)
                answer = {"error": refusal.message}
            except outrider.Unavailable as failure:
                status, answer = HTTPStatus.SERVICE_UNAVAILABLE, {"error": str(failure)}
            except Exception:
                log.exception("%s %s failed", self.command, self.path)
                status, answer = HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "this is our mistake"}
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def find(self) -> dict[str, Any]:
            body, path = self.body(), self.path.partition("?")[0]
            there = {method: (found.groupdict().get("id"), route)
                     for method, pattern, route in table if (found := pattern.fullmatch(path))}
            if not there:
                raise Failure(HTTPStatus.NOT_FOUND, f"there is nothing at {path}")
            if self.command not in there:
                raise Failure(HTTPStatus.METHOD_NOT_ALLOWED, f"{path} takes {', '.join(there)}")
            name, route = there[self.command]
            key = self.headers.get("Idempotency-Key")
            return route(Request(
                # What is no UUID was never given to anything.
                uuid_of(name, f"there is nothing with the id {name}", HTTPStatus.NOT_FOUND) if name else UUID(int=0),
                fields_of(body) if self.command == "POST" else {},
                uuid_of(key, "Idempotency-Key must be a UUID") if key else None))

        def body(self) -> bytes:
            """All of it is read, so that the connection can take another request."""
            try:
                size = int(self.headers.get("Content-Length", 0))
            except ValueError:
                size = -1
            if not 0 <= size <= BODY_MAX or "Transfer-Encoding" in self.headers:
                self.close_connection = True
                raise Failure(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body needs a Content-Length of {BODY_MAX} bytes at most")
            return self.rfile.read(size)

        def log_message(self, *_: Any) -> None:
            """Callers get the failures."""

    host, _, port = address.rpartition(":")
    server = ThreadingHTTPServer((host, int(port)), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def uuid_of(text: str, otherwise: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Failure(status, otherwise) from None


def fields_of(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise Failure(HTTPStatus.BAD_REQUEST, "the body must be a JSON object")
    return fields
