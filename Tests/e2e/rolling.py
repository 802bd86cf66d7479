"""Two replicas of each role on one store, restarted one after the other, and those who work with them meanwhile."""

import itertools
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import grpc
from client import Status, cover, eventually, new_root
from ending import end
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc as services
from google.protobuf import wrappers_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from listening import free_port
from outrider.v1 import log_pb2, log_pb2_grpc, projections_pb2, projections_pb2_grpc
from sidecar import DidNotStart, Sidecar
from subscriber import Subscriber

REPLICAS = 2
ROLES = ["command-handler", "query-handler", "projector", "saga"]
TRIES, PAUSE = 6, 0.02  # of a client's call, and seconds before its second; each further pause is twice as long
TIMEOUT = 20  # seconds, of a call
RECONNECT = [("grpc.max_reconnect_backoff_ms", 200)]
CONFIGURATION = """\
domains:
  - name: order
    logic: {{address: "{0}"}}
    projectors: [{{name: counts, address: "{0}"}}]
  - name: stock
    logic: {{address: "{0}"}}
    projectors: [{{name: counts, address: "{0}"}}]
sagas:
  - {{name: ship, domains: [order], logic: {{address: "{0}"}}}}
"""


class Replica(Sidecar):
    """A process of one role, at a port that it keeps."""

    def __init__(self, executable, data, config, role, options=()):
        self.role, self.address = role, f"127.0.0.1:{free_port()}"
        port = self.address.rpartition(":")[2]
        super().__init__(executable, data, config=config, role=role, options=[f"--port-{role}={port}", *options])
        self.client_channel = grpc.insecure_channel(self.address, options=RECONNECT)

    def start(self, timeout=30):
        """Returns once it says that it serves. Tries again where another program has its port for the moment."""
        eventually(lambda: self._tried(timeout), timeout)
        health = health_pb2_grpc.HealthStub(self.channel(self.role))
        asked = health_pb2.HealthCheckRequest()
        eventually(lambda: health.Check(asked, wait_for_ready=True, timeout=timeout).status
                   == health_pb2.HealthCheckResponse.SERVING, timeout)
        return self

    def _tried(self, timeout):
        try:
            return super().start(timeout)
        except DidNotStart as failure:
            if "in use" not in str(failure):
                raise
            return None

    def channel(self, role):
        return self.client_channel

    def restart(self, executable):
        """Another version of it may be in place then."""
        assert self.stop(60) == 0, self.text
        self.command[0] = str(executable)
        self.start()


class Deployment:
    """Each saga sends its commands to a command-handler of its own."""

    def __init__(self, executable, data, logic, directory):
        config = directory / "shop.yaml"
        config.write_text(CONFIGURATION.format(logic.address))
        self.replicas = {
            role: [Replica(executable, data, config, role) for _ in range(REPLICAS)]
            for role in ROLES if role != "saga"}
        self.replicas["saga"] = [
            Replica(executable, data, config, "saga", [f"--command-handler={handler.address}"])
            for handler in self.replicas["command-handler"]]

    @property
    def all(self):
        return [replica for replicas in self.replicas.values() for replica in replicas]

    def start(self):
        with ThreadPoolExecutor(len(self.all)) as pool:
            list(pool.map(Replica.start, self.all))

    def end(self):
        for replica in self.all:
            if replica.process:
                end(replica)


class Caller:
    """Makes calls of any replica of a role. One that is unavailable has the call made again of the next."""

    def __init__(self, deployment):
        self.stubs = {
            "command-handler": self.of(deployment, "command-handler", services.BusinessCoordinatorStub),
            "events": self.of(deployment, "query-handler", services.EventQueryStub),
            "projections": self.of(deployment, "query-handler", projections_pb2_grpc.ProjectionsStub)}
        self.turns = itertools.count()
        self.calls, self.hidden, self.failures = Counter(), Counter(), []

    @staticmethod
    def of(deployment, role, stub):
        return [stub(replica.channel(role)) for replica in deployment.replicas[role]]

    def call(self, service, make):
        """What `make` answers, which makes the call of the stub that it is given. None where no retry helped."""
        self.calls[service] += 1
        turn, pause = next(self.turns), threading.Event()
        for attempt in range(TRIES):
            try:
                answer = make(self.stubs[service][(turn + attempt) % REPLICAS])
                self.hidden[service] += attempt > 0
                return answer
            except grpc.RpcError as error:
                if error.code() != Status.UNAVAILABLE or attempt == TRIES - 1:
                    self.failures.append(f"{service}: {error.code()} after {attempt + 1} tries: {error.details()}")
                    return None
            pause.wait(PAUSE * 2 ** attempt)


class Worker(threading.Thread):
    """Does the same thing again and again, with a pause between, until it is to stop."""

    def __init__(self, over, pause):
        super().__init__(daemon=True)
        self.over, self.pause, self.failure = over, pause, None

    def run(self):
        try:
            while not self.over.wait(self.pause):
                self.work()
        except Exception as failure:
            self.failure = failure


class Customer(Worker):
    """Sends commands to aggregates of its own, in turn, and knows what was acknowledged."""

    def __init__(self, caller, over, pause, aggregates):
        super().__init__(over, pause)
        self.caller, self.acknowledged = caller, {new_root(): [] for _ in range(aggregates)}
        self.turns = itertools.cycle(self.acknowledged)
        self.numbers = itertools.count()

    def work(self):
        root = next(self.turns)
        id = f"{root.hex()}-{next(self.numbers)}"
        book = evented.CommandBook(cover=cover(root, "order"), command_id=id, correlation=id)
        book.pages.add().command.Pack(wrappers_pb2.BytesValue(value=id.encode()))
        if self.caller.call("command-handler", lambda stub: stub.Handle(book, timeout=TIMEOUT)):
            self.acknowledged[root].append(id)


class Reader(Worker):
    """Reads the events of customers' aggregates. What was acknowledged before must be there."""

    def __init__(self, caller, over, pause, customers):
        super().__init__(over, pause)
        self.caller = caller
        self.turns = itertools.cycle([(each, root) for each in customers for root in each.acknowledged])

    def work(self):
        customer, root = next(self.turns)
        known = len(customer.acknowledged[root])
        query = evented.Query(domain="order", root=evented.UUID(value=root))
        books = self.caller.call("events", lambda stub: list(stub.GetEvents(query, timeout=TIMEOUT)))
        if books is not None:
            numbers = [page.num for book in books for page in book.pages]
            assert numbers == list(range(len(numbers))) and len(numbers) >= known, (numbers, known)


class Follower(Worker):
    """Follows a domain's log, and goes on at the next query-handler when its own ends."""

    def __init__(self, deployment, over, domain):
        super().__init__(over, 0.02)
        self.stubs = itertools.cycle(Caller.of(deployment, "query-handler", log_pb2_grpc.LogStub))
        self.domain, self.entries, self.breaks, self.call = domain, [], Counter(), None

    def work(self):
        after = self.entries[-1].position.number if self.entries else 0
        request = log_pb2.ReadLogRequest(domain=self.domain, after=after, follow=True)
        self.call = next(self.stubs).Read(request)
        try:
            for entry in self.call:
                self.entries.append(entry)
        except grpc.RpcError as error:
            self.breaks[error.code()] += 1

    def count(self):
        return sum(not entry.tombstone for entry in list(self.entries))

    def end(self):
        self.call.cancel()
        self.join(TIMEOUT)
        assert not self.is_alive()

    def ids(self):
        """The log's command ids, if every position was seen once and in order."""
        assert [entry.position.number for entry in self.entries] == list(range(1, len(self.entries) + 1))
        return [entry.book.command_id for entry in self.entries if not entry.tombstone]

    def events(self):
        """How many events each aggregate has."""
        counts = Counter()
        for entry in self.entries:
            if not entry.tombstone:
                counts[entry.book.cover.root.value] += len(entry.book.pages)
        return counts


class Consumer(Worker):
    """The consumer of a durable subscription, which subscribes again at the next query-handler when its own ends."""

    def __init__(self, deployment, over, domain):
        super().__init__(over, 0.02)
        self.replicas, self.domain = itertools.cycle(deployment.replicas["query-handler"]), domain
        self.breaks, self.lives = Counter(), []

    def work(self):
        life = Connected(next(self.replicas), "mails", domains=[self.domain])
        self.lives.append(life)
        life.reader.join()
        if life.failure:
            self.breaks[life.failure.code()] += 1

    def count(self):
        return len({number for life in list(self.lives) for number in life.positions})

    def end(self):
        self.lives[-1].finish()
        self.join(TIMEOUT)
        assert not self.is_alive()

    def check(self):
        """The command ids of what was delivered, without what came again; and how much came again."""
        seen, repeats = {}, 0
        for life in self.lives:
            positions = life.positions
            assert positions == sorted(set(positions)), "a call repeats a commit, or swaps two"
            for delivery in life.deliveries:
                number = delivery.position.number
                assert number in seen or not seen or number > max(seen), f"commit {number} came too late"
                repeats += number in seen
                seen.setdefault(number, delivery.book.command_id)
        return list(seen.values()), repeats


class Connected(Subscriber):
    """A subscriber that leaves the channel open, for it is everybody's."""

    def finish(self):
        self.requests.put(None)
        self.reader.join(TIMEOUT)
        assert not self.reader.is_alive()


def projected(caller, domain, root):
    """How many events the projection counts."""
    request = projections_pb2.GetProjectionRequest(
        projector="counts", domain=domain, root=evented.UUID(value=root))
    answer = caller.call("projections", lambda stub: stub.Get(request, timeout=TIMEOUT))
    value = wrappers_pb2.UInt64Value()
    assert answer and answer.projection.projection.Unpack(value)
    return value.value
