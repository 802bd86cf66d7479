"""Work in queues: one at a time and in order within a queue, queues beside each other."""

import heapq
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")


class OrderedWork(Generic[Key, Item]):
    """Threads `take` the head of a queue, and end it with `done` or `retry`. Until then its queue waits."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._queues: dict[Key, deque[Item]] = {}
        self._ready: deque[Key] = deque()
        self._later: list[tuple[float, int, Key]] = []
        self._numbers = itertools.count()
        self._running: set[Key] = set()
        self._unwanted: set[Key] = set()
        self._is_closed = False

    def add(self, key: Key, item: Item) -> None:
        with self._changed:
            queue = self._queues.get(key)
            if queue is None:
                self._queues[key] = deque([item])
                self._make_ready(key)
            else:
                queue.append(item)

    def take(self) -> tuple[Key, Item] | None:
        """Waits for a head whose time has come. None: the work is closed."""
        with self._changed:
            while not self._is_closed:
                self._wake()
                while self._ready:
                    key = self._ready.popleft()
                    if key in self._queues and key not in self._running:
                        self._running.add(key)
                        return key, self._queues[key][0]
                self._changed.wait(self._later[0][0] - self._clock() if self._later else None)
            return None

    def done(self, key: Key) -> None:
        with self._changed:
            self._end(key)

    def retry(self, key: Key, delay: float) -> None:
        """The head is taken again after so many seconds, unless it was dropped; what is behind it waits."""
        with self._changed:
            if key in self._unwanted:
                self._end(key)
                return
            self._running.remove(key)
            heapq.heappush(self._later, (self._clock() + delay, next(self._numbers), key))
            self._changed.notify()

    def drop(self, is_unwanted: Callable[[Item], bool]) -> None:
        """Forgets items. Those that are being worked on end as they do, and are not taken again."""
        with self._changed:
            for key, queue in list(self._queues.items()):
                running = [queue[0]] if key in self._running else []
                if any(is_unwanted(item) for item in running):
                    self._unwanted.add(key)
                kept = running + [item for item in list(queue)[len(running):] if not is_unwanted(item)]
                if kept:
                    self._queues[key] = deque(kept)
                else:
                    del self._queues[key]

    def close(self) -> None:
        """Hands out nothing more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _end(self, key: Key) -> None:
        self._running.remove(key)
        self._unwanted.discard(key)
        queue = self._queues[key]
        queue.popleft()
        if queue:
            self._make_ready(key)
        else:
            del self._queues[key]

    def _make_ready(self, key: Key) -> None:
        self._ready.append(key)
        self._changed.notify()

    def _wake(self) -> None:
        while self._later and self._later[0][0] <= self._clock():
            self._ready.append(heapq.heappop(self._later)[2])
