"""One run: clients send commands while every part is killed in turn, and the check of what came of it."""

import time
from random import Random

import grpc
from cluster.clients import Acknowledged, Client
from cluster.processes import PROJECTOR
from cluster.readers import MAY_FAIL, read_heads, read_parked, read_projections, read_truth
from run import Failed

from .checker import Consumed, Projected, check
from .deployment import SOURCES, Deployment
from .kills import Kills

#: A window of a relay is what it may repeat when it, its broker or its store is killed: so many for each partition.
WINDOW = 4096
#: By when everybody must have come further, once nothing is killed any more.
PATIENCE = 120
INTERVAL = 10  # seconds, between two lines that tell how far everybody is


class Run:
    """`commands` are sent at least, and `between` of them between two kills. Every part is killed once at least.

    `pause` is how long, in seconds, each client waits between two commands.
    """

    def __init__(self, seed, commands, between, roots, clients=8, pause=0, say=print):
        self.seed, self.commands, self.between, self.tell = seed, commands, between, say
        self.client_count, self.pause = clients, pause
        self.random = Random(f"{seed} channels")
        self.roots = [self.random.randbytes(16) for _ in range(roots)]
        self.acknowledged = Acknowledged()
        self.began = self.told = time.monotonic()

    def on(self, executable, directory):
        """Returns how often each thing happened. Raises `Failed` where a promise was broken."""
        with Deployment(executable, directory) as self.deployment:
            self.clients = [
                Client(f"client-{n}", self.seed, self.deployment, self.roots, self.acknowledged, self.pause)
                for n in range(self.client_count)]
            self.say("everything runs")
            self.kill_under_load()
            found = self.deployment.ended_by_itself()
            self.say("the clients are done")
            late = self.wait_until_level()
            found += self.deployment.ended_by_itself() + late + self.complaints() + self.check()
        happened = self.summary()
        for what, count in happened.items():
            self.tell(f"  {what:<46}{count:>10}")
        if found:
            raise Failed("\n  ".join([
                f"events through channels, seed {self.seed}, logs in {directory}:", *found[:20]]))
        return happened

    def kill_under_load(self):
        self.kills = Kills(self.deployment.parts, self.answered, self.between, self.say)
        for client in self.clients:
            client.start()
        try:
            for _ in self.kills.in_turn(self.random):
                if self.kills.counts.total() >= len(self.kills.parts) and self.answered() >= self.commands:
                    return
        finally:
            for client in self.clients:
                client.stop(PATIENCE)
            for client in self.clients:
                client.join()

    def answered(self):
        """How many commands were; says now and then how far everybody is."""
        count = sum(len(client.sent) for client in self.clients)
        if self.it_is_time_to_tell():
            counts = {"commands": count, "kills": self.kills.counts.total()}
            self.say(listed(counts | {stranger.name: stranger.notes.count for stranger in self.deployment.strangers}))
        return count

    def it_is_time_to_tell(self):
        is_time = time.monotonic() > self.told + INTERVAL
        if is_time:
            self.told = time.monotonic()
        return is_time

    def wait_until_level(self):
        """Until all projections and consumers have come to the end of the log. Returns sentences about those who have
        not, and do not come any further."""
        last, moved, heads, events = {}, time.monotonic(), None, None
        while True:
            try:
                if heads != (heads := read_heads(self.deployment)):
                    self.truth = read_truth(self.deployment)  # a command whose client gave up may come late
                    events = sum(map(len, self.truth.streams.values()))
                counts = self.counts()
            except grpc.RpcError as error:
                if error.code() not in MAY_FAIL:
                    raise
                counts, heads = last, None  # what was killed last has only just come back
            if set(counts.values()) == {events} and self.truth.heads == heads:
                return []
            if counts != last:
                last, moved = counts, time.monotonic()
            if self.it_is_time_to_tell():
                self.say(f"of {events} events: {listed(counts)}")
            if time.monotonic() > moved + PATIENCE:
                return [f"{name} is at {count} of {events} events, and does not move"
                        for name, count in counts.items() if count != events] or ["the log grows by itself"]
            time.sleep(0.2)

    def counts(self):
        """How many events each projection and each consumer includes."""
        counts = {
            f"source {source}": sum(shown.sequence + 1 for shown in read_projections(channel))
            for source, channel in self.projections()}
        return counts | {stranger.name: stranger.notes.count for stranger in self.deployment.strangers}

    def projections(self):
        """Who answers for the projections of each source: the owner of the store that they are in."""
        log, *others = self.deployment.projectors
        owners = [self.deployment.query_handlers[0], *others]
        return [(source, owner.channel()) for source, owner in zip(SOURCES, owners)]

    def complaints(self):
        return [complaint for client in self.clients for complaint in client.complaints]

    def check(self):
        deployment = self.deployment
        projected = [
            Projected(source, read_projections(channel), read_parked(projector), open(deployment.records[source]))
            for (source, channel), projector in zip(self.projections(), deployment.projectors)]
        of_rabbitmq, of_kafka = deployment.strangers
        partitions = deployment.store.partitions
        kills = {of_rabbitmq: self.kills.of("command-handler", "relay-rabbitmq", "RabbitMQ", "store"),
                 of_kafka: self.kills.of("relay-kafka", "Kafka", "store")}
        consumed = [Consumed(stranger.notes, WINDOW * partitions * count) for stranger, count in kills.items()]
        dead_letters = {
            "RabbitMQ": of_rabbitmq.dead_letters(partitions, PROJECTOR), "Kafka": of_kafka.dead_letters()}
        sent = [sent for client in self.clients for sent in client.sent]
        return check(self.truth, sent, projected, consumed, dead_letters)

    def summary(self):
        counts = {"commands": self.answered(), "events": sum(map(len, self.truth.streams.values())),
                  "seconds": round(time.monotonic() - self.began)}
        counts |= {f"{kind} killed": count for kind, count in sorted(self.kills.counts.items())}
        for stranger in self.deployment.strangers:
            notes = stranger.notes
            counts[f"repeats at the {notes.name}"] = notes.repeats
            counts[f"longest pause at the {notes.name}, s"] = round(notes.longest_pause, 1)
        return counts

    def say(self, line):
        self.tell(f"{time.monotonic() - self.began:7.1f} s  {line}")


def listed(counts):
    return ", ".join(f"{name} {count}" for name, count in counts.items())
