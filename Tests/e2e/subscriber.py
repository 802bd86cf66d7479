"""A consumer of a durable subscription, as a service in Python writes it."""

import queue
import threading

import grpc
from client import eventually
from outrider.v1 import log_pb2, subscriptions_pb2, subscriptions_pb2_grpc
from sidecar import DOMAIN


class Subscriber:
    """One call of Subscribe. What comes is kept in `deliveries`, and acknowledged at once or when the test says so."""

    def __init__(self, sidecar, name, *, acknowledge=True, domains=(DOMAIN,), **begin):
        self.channel = sidecar.channel("query-handler")
        self.requests = queue.SimpleQueue()
        self.deliveries, self.lanes, self.failure = [], set(), None
        self.acknowledges = acknowledge
        self.requests.put(subscriptions_pb2.SubscribeRequest(begin=subscriptions_pb2.SubscriptionBegin(
            name=name, domains=domains, **begin)))
        self.call = subscriptions_pb2_grpc.SubscriptionsStub(self.channel).Subscribe(iter(self.requests.get, None))
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        try:
            for response in self.call:
                if response.HasField("assignment"):
                    lane = response.assignment
                    change = self.lanes.add if lane.held else self.lanes.discard
                    change((lane.domain, lane.partition, lane.lane))
                else:
                    self.deliveries.append(response.delivery)
                    if self.acknowledges:
                        self.acknowledge(response.delivery)
        except grpc.RpcError as error:
            self.failure = error

    def acknowledge(self, delivery):
        self.requests.put(subscriptions_pb2.SubscribeRequest(acknowledgements=[subscriptions_pb2.Acknowledgement(
            domain=delivery.domain, position=delivery.position, lane=delivery.lane)]))

    def expect(self, count, timeout=20):
        """The deliveries, once there are so many."""
        eventually(lambda: len(self.deliveries) >= count or self.failure, timeout)
        assert not self.failure, self.failure
        return self.deliveries

    @property
    def positions(self):
        return [delivery.position.number for delivery in self.deliveries]

    @property
    def events(self):
        """Root and sequence of each event, as they came."""
        return [(delivery.book.cover.root.value, page.num)
                for delivery in self.deliveries for page in delivery.book.pages]

    def finish(self):
        """As a service that shuts down: what was acknowledged is stored when this returns."""
        self.requests.put(None)
        self.reader.join(20)
        assert not self.reader.is_alive()
        self.channel.close()

    def drop(self):
        """As a service that dies."""
        self.call.cancel()
        self.reader.join(20)
        self.channel.close()


def is_in_order(events, elsewhere=()):
    """Whether each aggregate's events came in order and without a gap, but for those that came again, and those that
    another consumer got."""
    following, elsewhere = {}, set(elsewhere)
    for root, sequence in events:
        skipped = range(following.get(root, 0), sequence)
        if not elsewhere.issuperset((root, number) for number in skipped):
            return False
        following[root] = sequence + 1
    return True


def position(number, partition=0):
    return log_pb2.Position(partition=partition, number=number)
