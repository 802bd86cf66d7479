"""The figures of all rounds, and the tables made of them."""

import statistics
from collections import defaultdict

from pages import here_and_now, markdown_table, write_part
from sidecar import TOP

COLUMNS = [
    "Outrider", "gRPC C++", "grpc-go", "grpc-swift-2", "grpcio", "nghttpd", "UmaDB", "libmongoc", "librabbitmq",
    "librdkafka", "RabbitMQ", "fastavro"]

AIMS = {
    "RPC 100 B, 8 × 32: server CPU, µs a call": "1.2 × nghttpd's",
    "RPC ping-pong on one stream: p50, µs": "0.9 × grpc-go's",
    "Append, 1 in flight: appends/s": "1.5 × UmaDB's",
    "Append, 256 in flight: appends/s": "2.2 × UmaDB's",
    "MongoDB adapter, 32 in flight: appends/s": "70 % of libmongoc's",
    "Command, 64 in flight: server CPU, µs each": "30",
    "Command and projection, 64 in flight: server CPU, µs each": "50",
    "RabbitMQ, published and confirmed: commits/s": "80 % of librabbitmq",
    "Kafka, published and confirmed: commits/s": "80 % of librdkafka",
    "1000 commands/s, event to projector by log, one process: p50, ms": "2",
    "1000 commands/s, event to projector by rabbitmq: p50, ms": "4",
    "1000 commands/s, event to projector by rabbitmq: p99, ms": "15",
    "Projector catches up with the log: events/s": "100,000",
    "Transfers by a saga, 30 under way: p99, ms": "50",
    "Transfers by a saga, 64 under way: transfers/s": "1,000",
    "Timers, 1,000/s: late, p99, ms": "100",
    "Timers, 20,000 due at once: fired/s": "10,000",
    "A million timers pending: memory more, MB": "50",
    "`outrider trace` of 10,000 commits: ms": "200",
    **{f"{role}s restarted at 1000 commands/s: {kind} that failed": "0"
       for role in ("command-handler", "query-handler", "projector", "saga", "relay", "gateway")
       for kind in ("commands", "reads", "requests")},
    "Rebuild of 200,000 events or more in 2,000 aggregates, logic in Go: events/s": "100,000",
    "Rebuild of 200,000 events or more in 2,000 aggregates, logic in Python: events/s": "30,000",
    "200 commands/s beside a rebuild: p99, ms": "20 % more",
    "`outrider status` of four roles: ms": "100",
    "Idle memory (resident), MB": "30",
    "Start to serving, ms": "150",
    "Stripped executable, MB": "30",
}

#: What the README shows.
CHOSEN = [
    "RPC 100 B, 8 × 32: server CPU, µs a call",
    "RPC 100 B, 8 × 32: calls/s",
    "RPC over TLS, 100 B, 8 × 32: server CPU, µs a call",
    "RPC 1 MiB, 8 × 1: calls/s",
    "RPC server streaming, 4 × 100 B: messages/s",
    "RPC ping-pong on one stream: p50, µs",
    "RPC client, 100 B, 8 × 32: client CPU, µs a call",
    "Append, 1 in flight: appends/s",
    "Append, 256 in flight: appends/s",
    "Append, 256 in flight: server CPU, µs each",
]


class Report:
    def __init__(self, rounds):
        self.rounds = rounds
        self.figures = defaultdict(list)  # (measure, who) to the figures of all rounds

    def note(self, measure, who, figure):
        self.figures[measure, who].append(figure)

    def table(self):
        measures = dict.fromkeys(measure for measure, _ in self.figures)
        return markdown_table(
            ["", *COLUMNS, "Aim"], [[*self.row(measure, COLUMNS), AIMS.get(measure, "")] for measure in measures])

    def summary(self):
        columns = [who for who in COLUMNS if any((measure, who) in self.figures for measure in CHOSEN)]
        return markdown_table(["", *columns], [self.row(measure, columns) for measure in CHOSEN])

    def row(self, measure, columns):
        medians = [
            shown(statistics.median(self.figures[measure, who])) if (measure, who) in self.figures else ""
            for who in columns]
        return [measure, *medians]

    def write(self):
        when = f"{here_and_now()}, medians of {self.rounds} rounds."
        write_part(TOP / "docs/benchmarks.md", "measured", f"{when}\n\n{self.table()}")
        write_part(TOP / "README.md", "speed", f"{when}\n\n{self.summary()}")
        print("\nwritten to docs/benchmarks.md and README.md")


def shown(figure):
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"
