"""The way to the sidecars: channels, credentials, and calls that are tried again."""

import random
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, TypeVar

import grpc
from evented.evented_pb2 import CommandBook, EventBook, Query, SynchronousProcessingResponse

from .errors import Code, Refused, Unavailable
from .v1.projections_pb2 import GetProjectionRequest, ProjectionRecord
from .v1.subscriptions_pb2 import SubscribeRequest, SubscribeResponse

__all__ = ["Connection"]

Answer = TypeVar("Answer")

#: Seconds.
TIMEOUT = 30.0
ATTEMPT_MAX = 10.0

#: Worth another try, with the same command id.
TEMPORARY = {Code.UNAVAILABLE, Code.ABORTED, Code.DEADLINE_EXCEEDED, Code.CANCELLED}

# A sidecar that restarts is found again soon. One that vanished is noticed, by an unanswered ping.
OPTIONS = [
    ("grpc.initial_reconnect_backoff_ms", 100), ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2000), ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000), ("grpc.max_receive_message_length", -1)]


class Connection:
    """Where the sidecars are, and who calls. Share one among all services and subscribers of a process.

    `credentials` make the channels TLS (`grpc.ssl_channel_credentials`). `token` gives the bearer token of each call.
    """

    def __init__(
        self, commands: str = "127.0.0.1:1313", queries: str = "127.0.0.1:1314", *,
        credentials: grpc.ChannelCredentials | None = None, token: Callable[[], str] | None = None,
    ) -> None:
        self.commands = commands
        self.queries = queries
        self._credentials = credentials
        self._token = token

    def close(self) -> None:
        for name in ("_command_handler", "_query_handler"):
            if name in self.__dict__:
                self.__dict__.pop(name).close()

    def handle(self, book: CommandBook, timeout: float) -> SynchronousProcessingResponse:
        """Has a command decided and stored. A retry sends the same command id, so it happens once."""
        method = self._command_handler.unary_unary(
            "/evented.BusinessCoordinator/Handle", CommandBook.SerializeToString,
            SynchronousProcessingResponse.FromString)
        return retrying(
            lambda left: method(book, timeout=left, metadata=self._metadata()), timeout, book.command_id)

    def events(self, query: Query, timeout: float) -> list[EventBook]:
        method = self._query_handler.unary_stream(
            "/evented.EventQuery/GetEvents", Query.SerializeToString, EventBook.FromString)
        return retrying(
            lambda left: list(method(query, timeout=left, metadata=self._metadata())), timeout)

    def projection(self, request: GetProjectionRequest, timeout: float) -> ProjectionRecord:
        method = self._query_handler.unary_unary(
            "/outrider.v1.Projections/Get", GetProjectionRequest.SerializeToString, ProjectionRecord.FromString)
        return retrying(lambda left: method(request, timeout=left, metadata=self._metadata()), timeout)

    def current_token(self) -> str | None:
        """The bearer token of the moment; None where calls show none."""
        return self._token() if self._token else None

    def subscribe(self, requests: Iterator[SubscribeRequest], token: str | None) -> Any:
        """The call, which is an iterator of `SubscribeResponse`. It ends with its token at the latest."""
        method = self._query_handler.stream_stream(
            "/outrider.v1.Subscriptions/Subscribe", SubscribeRequest.SerializeToString, SubscribeResponse.FromString)
        return method(requests, metadata=_showing(token))

    @cached_property
    def _command_handler(self) -> grpc.Channel:
        return self._channel(self.commands)

    @cached_property
    def _query_handler(self) -> grpc.Channel:
        return self._channel(self.queries)

    def _channel(self, address: str) -> grpc.Channel:
        if self._credentials:
            return grpc.secure_channel(address, self._credentials, OPTIONS)
        return grpc.insecure_channel(address, OPTIONS)

    def _metadata(self) -> tuple[tuple[str, str], ...]:
        return _showing(self.current_token())


def _showing(token: str | None) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),) if token is not None else ()


def pauses(first: float = 0.05, longest: float = 2.0) -> Iterator[float]:
    """Seconds between attempts: doubling up to the longest, each shortened by chance by up to a half."""
    pause = first
    while True:
        yield pause * random.uniform(0.5, 1)
        pause = min(2 * pause, longest)


def retrying(attempt: Callable[[float], Answer], timeout: float, command_id: str = "") -> Answer:
    """Tries again while there is time and the failure is temporary. `attempt` gets the seconds that it may take.

    Raises `Refused`, or `Unavailable` when the time is up.
    """
    deadline = time.monotonic() + timeout
    for pause in pauses():
        try:
            return attempt(max(0.001, min(ATTEMPT_MAX, deadline - time.monotonic())))
        except grpc.RpcError as failure:
            error = failure
        code, message = status(error)
        if not _may_pass(code, error):
            raise Refused(code, message) from error
        if time.monotonic() + pause >= deadline:
            raise Unavailable(f"not within {timeout:g} s: {code.name}: {message}", command_id) from error
        time.sleep(pause)
    raise AssertionError("pauses never end")


def status(error: grpc.RpcError) -> tuple[Code, str]:
    assert isinstance(error, grpc.Call)  # each error of a call is one
    return error.code(), error.details() or ""


def _may_pass(code: Code, error: Any) -> bool:
    # A full queue says when to come again; a message that is too large never fits.
    is_queue_full = code is Code.RESOURCE_EXHAUSTED and any(
        key == "grpc-status-details-bin" and b"google.rpc.RetryInfo" in value
        for key, value in error.trailing_metadata() or ())
    return is_queue_full or code in TEMPORARY
