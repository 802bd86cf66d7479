"""Events leave the process: sidecars apart, a real broker between them, and what goes in badly."""

import itertools
import threading

import pika
from apart import PATIENCE, Apart, Foreign, Load, named, queue, relayed
from brokers import Kafka
from client import eventually, facts, told

ALARM, NO_ALARM = "0.0000001", "0.4"


def test_a_projector_without_the_event_store_gets_everything(apart, broker):
    apart.start_projector()
    with Load(apart) as load:
        eventually(lambda: load.total > 300, PATIENCE)
    eventually(lambda: apart.projections() == load.counts, PATIENCE)
    # Everything is acknowledged: the queue is empty.
    eventually(lambda: f"{queue(apart)}\t0" in broker.ctl("list_queues", "name", "messages"), PATIENCE)


def test_what_is_no_event_book_becomes_a_dead_letter(apart, broker):
    apart.start_projector()
    with Load(apart, 1) as load:
        eventually(lambda: load.total > 3)
    eventually(lambda: apart.projections() == load.counts, PATIENCE)
    channel = broker.channel()
    channel.basic_publish("", queue(apart), b"nonsense", pika.BasicProperties(headers={"x": "y"}))

    def letter():
        method, properties, body = channel.basic_get(f"{queue(apart)}.dead", auto_ack=True)
        return method and (properties.headers, body)

    headers, body = eventually(letter, PATIENCE)
    assert body == b"nonsense"
    assert headers["x"] == "y"
    assert "no event book" in headers["outrider-reason"]
    channel.connection.close()
    with load_again(apart, load):
        eventually(lambda: load.total > 6)
    eventually(lambda: apart.projections() == load.counts, PATIENCE)


def load_again(apart, load):
    again = Load(apart)
    again.roots, again.counts = load.roots, load.counts
    base = load.total
    again.work = lambda: record_more(again, base)
    again.thread = threading.Thread(target=again.work)
    return again


def record_more(load, base):
    for number, root in zip(itertools.count(base), itertools.cycle(load.roots)):
        if load.over.is_set():
            return
        load.apart.client.record(facts(root, b"%d" % number, command_id=f"load-{number}"))
        load.counts[root] += 1


def test_a_deleted_queue_loses_nothing(apart, broker):
    apart.start_projector()
    with Load(apart) as load:
        # A queue that nobody consumes yet is deleted unnoticed.
        eventually(lambda: f"{queue(apart)}\t1" in broker.ctl("list_queues", "name", "consumers"), PATIENCE)
        channel = broker.channel()
        channel.queue_delete(queue(apart))
        channel.connection.close()
        before = load.total
        eventually(lambda: load.total > before + 100, PATIENCE)
    eventually(lambda: apart.projections() == load.counts, PATIENCE)
    told(apart.projector, "was deleted")


def test_a_projector_that_is_killed_counts_nothing_twice(apart):
    apart.start_projector()
    with Load(apart) as load:
        for _ in range(3):
            before = load.total
            eventually(lambda: load.total > before + 50, PATIENCE)
            apart.projector.kill()
            apart.start_projector()
    eventually(lambda: apart.projections() == load.counts, PATIENCE)


def test_a_killed_relay_repeats_at_most_its_window_and_leaves_nothing_out(apart, broker, exchange):
    foreign = Foreign(broker, named(exchange))
    with Load(apart) as load:
        for _ in range(3):
            before = load.total
            eventually(lambda: load.total > before + 50, PATIENCE)
            apart.writer.kill()
            apart.start_writer()
    repeats = eventually(lambda: relayed(foreign, load), PATIENCE)[0]
    assert repeats <= 3 * 4096


def test_two_relays_take_turns(apart, broker, exchange, start):
    foreign = Foreign(broker, named(exchange))
    relays = [start(role="relay", options=apart.options()) for _ in range(2)]
    with Load(apart) as load:
        eventually(lambda: load.total > 50, PATIENCE)
        apart.writer.kill()  # it was the active one, or another is
        apart.channel = None
        apart.start_writer()
        eventually(lambda: any("subscription is active" in relay.text for relay in relays), PATIENCE)
        before = load.total
        eventually(lambda: load.total > before + 50, PATIENCE)
    eventually(lambda: relayed(foreign, load), PATIENCE)


def test_a_message_that_goes_nowhere_waits_and_is_named(apart):
    with Load(apart, 1) as load:
        eventually(lambda: load.total > 3)
    eventually(lambda: "has no queue for key bank.0" in apart.writer.text, PATIENCE)
    apart.start_projector()
    eventually(lambda: apart.projections() == load.counts, PATIENCE)
    eventually(lambda: "works again" in apart.writer.text, PATIENCE)


def test_a_broker_short_of_memory_stops_no_command(apart, broker, exchange):
    foreign = Foreign(broker, named(exchange))
    with Load(apart) as load:
        eventually(lambda: load.total > 20, PATIENCE)
        broker.ctl("set_vm_memory_high_watermark", ALARM)
        try:
            eventually(lambda: "takes no messages" in apart.writer.text, PATIENCE)
            before = load.total
            eventually(lambda: load.total > before + 100, PATIENCE)
        finally:
            broker.ctl("set_vm_memory_high_watermark", NO_ALARM)
        eventually(lambda: "works again" in apart.writer.text, PATIENCE)
    assert eventually(lambda: relayed(foreign, load), PATIENCE) == [0]


def test_a_killed_broker_comes_back_to_everything(apart, broker, exchange):
    foreign = Foreign(broker, named(exchange))
    apart.start_projector()
    with Load(apart) as load:
        eventually(lambda: load.total > 50, PATIENCE)
        broker.kill()
        before = load.total
        eventually(lambda: load.total > before + 100, PATIENCE)  # commands go on
        broker.start()
        before = load.total
        eventually(lambda: load.total > before + 50, PATIENCE)
    eventually(lambda: apart.projections() == load.counts, PATIENCE)
    eventually(lambda: relayed(foreign, load), PATIENCE)


def test_a_projector_reads_a_query_handler_where_there_is_no_broker(start, projector_logic, tmp_path):
    apart = Apart(start, projector_logic, None, "query-handler", tmp_path)
    apart.start_projector()
    with Load(apart) as load:
        eventually(lambda: load.total > 100, PATIENCE)
        apart.reader.kill()
        eventually(lambda: "query-handler" in apart.projector.text, PATIENCE)
    apart.reader = start(
        role="query-handler",
        options=[f"--port-query-handler={apart.reader.addresses['query-handler'].rpartition(':')[2]}"])
    eventually(lambda: apart.projections() == load.counts, PATIENCE)


def test_a_projector_takes_its_events_from_kafka(start, projector_logic, tmp_path):
    broker = Kafka(tmp_path / "kafka").start("--memory")
    try:
        apart = Apart(start, projector_logic, f"kafka://{broker.uri}", "kafka", tmp_path)
        apart.start_projector()
        with Load(apart) as load:
            eventually(lambda: load.total > 100, PATIENCE)
            apart.projector.kill()
            apart.start_projector()
            before = load.total
            eventually(lambda: load.total > before + 50, PATIENCE)
        eventually(lambda: apart.projections() == load.counts, PATIENCE)
    finally:
        broker.kill()
