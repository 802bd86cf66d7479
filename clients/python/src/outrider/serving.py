"""Serves a team's logic to the sidecars."""

import logging
import os
import signal
from collections.abc import Callable
from concurrent import futures
from typing import Any, NoReturn

import grpc
from evented.evented_pb2 import ContextualCommand, EventBook
from google.protobuf.message import Message

from .aggregate import Aggregate, decide
from .entity import Entity, apply_events, handle_command
from .errors import Code, Refused
from .projector import Projector, project
from .saga import Saga, react
from .v1.entity_pb2 import ApplyRequest, HandleRequest
from .v1.saga_pb2 import SagaInput

__all__ = ["Server", "serve"]

Logic = type[Aggregate] | type[Projector] | type[Saga]

log = logging.getLogger("outrider")


class Server:
    """A running server of one class of logic.

    `address` is the one that `outrider run` chose (`OUTRIDER_LOGIC_ADDRESS` for an aggregate,
    `OUTRIDER_PROJECTOR_ADDRESS`, `OUTRIDER_SAGA_ADDRESS`), else the one where a sidecar looks by default.
    """

    def __init__(self, logic: Logic, *, address: str | None = None, workers: int = 16) -> None:
        variable, default, handler = _served(logic)
        wanted = address or os.environ.get(variable, default)
        # Without SO_REUSEPORT a second process at the same address fails, rather than taking half of the calls.
        self._server = grpc.server(futures.ThreadPoolExecutor(workers), options=[("grpc.so_reuseport", 0)])
        self._server.add_generic_rpc_handlers((handler,))
        port = self._server.add_insecure_port(wanted)
        #: Where it listens. Its port is never 0.
        self.address = wanted if wanted.startswith("unix:") else f"{wanted.rpartition(':')[0]}:{port}"
        self._server.start()

    def stop(self, grace: float = 10) -> None:
        """Takes no more calls; returns when those that are under way have ended, or are cancelled after `grace` seconds."""
        self._server.stop(grace).wait()


def serve(*logic: Logic) -> None:
    """Serves each class at its address, until SIGTERM or SIGINT. Calls that are under way end first.

    Call it in the main thread, with one class of each kind: an aggregate or entity, a projector, a saga.
    """
    termination = Termination()
    servers = [Server(kind) for kind in logic]
    termination.wait()
    for server in servers:
        server.stop()


class Termination:
    """SIGTERM or SIGINT, from now on, or `request`.

    Signals wake the main thread through a pipe. A handler that sets a `threading.Event` may hang: it runs in
    the main thread, which may hold the event's lock at that moment.
    """

    def __init__(self) -> None:
        self._requests, self._to_requests = os.pipe()
        os.set_blocking(self._to_requests, False)
        signal.set_wakeup_fd(self._to_requests, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)

    def request(self) -> None:
        """Ends the wait. Any thread may call it."""
        os.write(self._to_requests, b"\0")

    def wait(self) -> None:
        os.read(self._requests, 1)


def _served(logic: Logic) -> tuple[str, str, grpc.GenericRpcHandler]:
    """The variable that names the address, the default address, and what answers there."""
    if issubclass(logic, Entity):
        functions = _service(
            "outrider.v1.Entity", Handle=_method(logic, handle_command, HandleRequest),
            Apply=_method(logic, apply_events, ApplyRequest))
        return "OUTRIDER_LOGIC_ADDRESS", "127.0.0.1:1737", functions
    if issubclass(logic, Aggregate):
        method = _method(logic, decide, ContextualCommand)
        return "OUTRIDER_LOGIC_ADDRESS", "127.0.0.1:1737", _service("evented.BusinessLogic", Handle=method)
    if issubclass(logic, Projector):
        method = _method(logic, project, EventBook)
        return "OUTRIDER_PROJECTOR_ADDRESS", "127.0.0.1:1738", _service("evented.Projector", HandleSync=method)
    method = _method(logic, react, SagaInput)
    return "OUTRIDER_SAGA_ADDRESS", "127.0.0.1:1739", _service("outrider.v1.Saga", React=method)


def _service(name: str, **methods: "grpc.RpcMethodHandler[Any, Any]") -> grpc.GenericRpcHandler:
    return grpc.method_handlers_generic_handler(name, methods)


def _method(
    logic: Any, function: Callable[[Any, Any], Message], request: type[Message]
) -> "grpc.RpcMethodHandler[Any, Any]":
    def answer(given: Message, context: grpc.ServicerContext) -> Message:
        try:
            return function(logic, given)
        except Refused as refusal:
            _abort(context, refusal.code, refusal.message)
        except Exception as error:
            log.exception("%s failed", logic.__name__)
            _abort(context, Code.INTERNAL, f"{logic.__name__}: {type(error).__name__}: {error}")

    return grpc.unary_unary_rpc_method_handler(
        answer, request_deserializer=request.FromString, response_serializer=lambda made: made.SerializeToString())


def _abort(context: grpc.ServicerContext, code: Code, message: str) -> NoReturn:
    context.abort(code, message)
    raise AssertionError("abort raises")
