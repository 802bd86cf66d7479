"""Business and projector logic that does what a test tells it, right and wrong."""

import socket
import threading
from concurrent import futures

import grpc
from evented import evented_pb2 as evented
from google.protobuf import empty_pb2, wrappers_pb2
from outrider.v1 import entity_pb2, saga_pb2


def echo(request, context):
    """Answers each command with an event of the same payload."""
    book = evented.EventBook(cover=request.command.cover)
    for page in request.command.pages:
        book.pages.add(synchronous=page.synchronous).Event.CopyFrom(page.command)
    return book


def count(book, context):
    """A projection: how many events there are."""
    counted = wrappers_pb2.UInt64Value()
    book.projection.projection.Unpack(counted)
    counted.value += len(book.pages)
    projection = evented.Projection()
    projection.projection.Pack(counted)
    return projection


def do_nothing(given, context):
    """A saga that wants nothing."""
    return saga_pb2.SagaReaction()


def decide(request, context):
    """A function's decision: an event of the same payload, and for the same entity, for each command."""
    answer = entity_pb2.HandleResponse()
    for page in request.command.pages:
        answer.pages.add(synchronous=page.synchronous, entity=page.entity).Event.CopyFrom(page.command)
    return answer


def fold(request, context):
    """A function's state: how many events there are, of the root and of each member."""
    answer = entity_pb2.ApplyResponse(state=request.state)
    state = answer.state
    for page in request.events.pages:
        packed = state.members[page.entity] if page.entity else state.root
        counted = wrappers_pb2.UInt64Value()
        packed.Unpack(counted)
        counted.value += 1
        packed.Pack(counted)
    return answer


#: Where the requests of each behaviour are kept.
SEEN = {"answer": "requests", "project": "books", "react": "inputs", "decide": "questions", "fold": "folds"}


class Logic:
    """A server of all kinds of logic. `answer`, `project`, `react`, `decide` and `fold` may be set at any
    time; they get the request and the call, and answer a message, or bytes that need not be one."""

    def __init__(self, address="127.0.0.1:0"):
        self.server = grpc.server(futures.ThreadPoolExecutor(32))
        self.server.add_generic_rpc_handlers((
            self._service("evented.BusinessLogic", "Handle", evented.ContextualCommand, "answer"),
            self._service("evented.Projector", "HandleSync", evented.EventBook, "project"),
            grpc.method_handlers_generic_handler("outrider.v1.Entity", {
                "Handle": self._handler(entity_pb2.HandleRequest, "decide"),
                "Apply": self._handler(entity_pb2.ApplyRequest, "fold")}),
            self._service("outrider.v1.Saga", "React", saga_pb2.SagaInput, "react"),
            grpc.method_handlers_generic_handler("evented.Saga", {
                "Handle": self._handler(evented.EventBook, "saga"),
                "HandleSync": self._handler(evented.EventBook, "saga_sync")}),
        ))
        port = self.server.add_insecure_port(address)
        self.address = f"{address.rpartition(':')[0]}:{port}"
        self.reset()
        self.server.start()

    def reset(self):
        self.answer, self.project, self.react = echo, count, do_nothing
        self.decide, self.fold = decide, fold
        self.saga = self.saga_sync = lambda book, context: empty_pb2.Empty()  # of Evented's kind
        self.requests = []  # of business logic
        self.books = []  # for the projector
        self.inputs = []  # for the saga
        self.questions, self.folds = [], []  # for the functions

    def _service(self, service, method, kind, behaviour):
        return grpc.method_handlers_generic_handler(service, {method: self._handler(kind, behaviour)})

    def _handler(self, kind, behaviour):
        def handle(request, context):
            getattr(self, SEEN.get(behaviour, "books")).append(request)
            return getattr(self, behaviour)(request, context)

        return grpc.unary_unary_rpc_method_handler(
            handle, request_deserializer=kind.FromString,
            response_serializer=lambda answer: answer
            if isinstance(answer, bytes) else answer.SerializeToString())

    def stop(self):
        self.server.stop(None).wait(10)


class FunctionsByAnswer(Logic):
    """Functions whose state is the history, so that `answer` decides as it does in the classic style."""

    def reset(self):
        super().reset()
        self.decide, self.fold = self._decide_by_answer, self._keep_history

    def _decide_by_answer(self, request, context):
        past = evented.EventBook(cover=request.command.cover)
        request.state.root.Unpack(past)
        self.requests.append(evented.ContextualCommand(events=past, command=request.command))
        return entity_pb2.HandleResponse(pages=self.answer(self.requests[-1], context).pages)

    @staticmethod
    def _keep_history(request, context):
        past, answer = evented.EventBook(cover=request.events.cover), entity_pb2.ApplyResponse()
        request.state.root.Unpack(past)
        past.pages.extend(request.events.pages)
        answer.state.root.Pack(past)
        return answer


class BrokenServer:
    """Speaks no gRPC: takes connections, and does something to them that no server should."""

    EMPTY_SETTINGS = bytes.fromhex("000000040000000000")

    def __init__(self, misbehave):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.connections = 0
        self.misbehave = misbehave
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._misbehave, args=(connection,), daemon=True).start()

    def _misbehave(self, connection):
        with connection:
            try:
                self.misbehave(connection)
            except OSError:
                pass

    def stop(self):
        self.listener.close()


def close_at_once(connection):
    pass


def close_half_way(connection):
    """Greets as HTTP/2 demands, waits for a request, and is gone."""
    connection.sendall(BrokenServer.EMPTY_SETTINGS)
    received = 0
    while received < 150:
        chunk = connection.recv(4096)
        if not chunk:
            return
        received += len(chunk)


def speak_http_1(connection):
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    connection.recv(4096)


def never_answer(connection):
    while connection.recv(4096):
        pass
