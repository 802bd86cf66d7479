"""Event handlers with a durable subscription: each event is handled at least once, each aggregate's in order."""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import TypeVar

from google.protobuf.message import Message

from ._consumer import Consumer
from ._payloads import payload_types
from .connection import Connection
from .event import Event
from .serving import Termination
from .v1.subscriptions_pb2 import SUBSCRIPTION_START_BEGINNING, SUBSCRIPTION_START_HEAD, SubscriptionBegin

__all__ = ["Start", "Subscriber"]

Handler = TypeVar("Handler", bound=Callable[..., None])


class Start(Enum):
    """Where a subscription begins that does not exist yet."""

    #: With the first event of each domain.
    BEGINNING = SUBSCRIPTION_START_BEGINNING
    #: Behind what there is.
    HEAD = SUBSCRIPTION_START_HEAD


class Subscriber:
    """Handlers by type of event, and the subscription that feeds them.

    A commit is acknowledged when the handlers of all its events have returned. A handler that raises is called again
    with the same event, after growing pauses, for ever: later events of its aggregate wait, other aggregates go on.
    What was not acknowledged when the process died comes again, to whoever has the same `name`. So a handler may get
    an event twice. An update that names the event as its trigger happens once all the same; towards other systems
    `Event.id` is the idempotency key.

    `name` is the subscription's; processes of one name share its work, as far as it has `lanes` (0: as it is, 1 if it
    is new). `window`: how many commits of a lane may be unacknowledged (0: 256). `workers`: how many aggregates are
    handled beside each other.
    """

    def __init__(
        self, name: str, domains: Sequence[str], *, connection: Connection | None = None,
        start: Start = Start.BEGINNING, lanes: int = 0, window: int = 0, workers: int = 8,
    ) -> None:
        self.name = name
        self.connection = connection or Connection()
        self.workers = workers
        self._begin = SubscriptionBegin(name=name, domains=domains, start=start.value, lanes=lanes, window=window)
        self._handlers: dict[str, Callable[..., None]] = {}
        self._running: Consumer | None = None

    def on(self, handler: Handler) -> Handler:
        """Registers a function that takes an event's payload, and the `Event` with what else is known of it.

        The annotation of the payload says which types of events it takes: one, or a union.
        """
        for kind in payload_types(handler, 0):
            name = kind.DESCRIPTOR.full_name
            if name in self._handlers:
                raise TypeError(f"subscriber {self.name} has two handlers of {name}")
            self._handlers[name] = handler
        return handler

    def handle(self, payload: Message, event: Event) -> None:
        """Calls the handler of an event, if there is one. For tests, without a server."""
        if handler := self._handlers.get(payload.DESCRIPTOR.full_name):
            handler(payload, event)

    def run(self) -> None:
        """Handles events until SIGTERM or SIGINT. Handlers that are at work end first.

        Call it in the main thread. Raises `Refused` if the subscription is not allowed, or not possible.
        """
        termination = Termination()
        consumer = self._consume(at_end=termination.request)
        termination.wait()
        consumer.stop()

    def start(self) -> None:
        """Handles events in threads of its own, until `stop`."""
        if self._running:
            raise RuntimeError(f"subscriber {self.name} runs already")
        self._running = self._consume(at_end=lambda: None)

    def stop(self) -> None:
        """Returns when the handlers that are at work have returned, and what they did is acknowledged.

        Raises as `run` does.
        """
        running, self._running = self._running, None
        if running:
            running.stop()

    def _consume(self, at_end: Callable[[], None]) -> Consumer:
        if not self._handlers:
            raise TypeError(f"subscriber {self.name} has no handlers")
        begin = SubscriptionBegin()
        begin.CopyFrom(self._begin)
        begin.event_types.extend(sorted(self._handlers))
        return Consumer(begin, self.connection, self.handle, workers=self.workers, at_end=at_end)
