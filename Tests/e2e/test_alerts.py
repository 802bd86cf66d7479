"""Every alert of the chart is fired by what broke, and by nothing that is well: calls, the store, the process itself.

test_alerts_of_consumers.py fires those of projectors, sagas and relays.
"""

import contextlib
import os
import socket
import sqlite3
import ssl
import time
from pathlib import Path

import grpc
import pytest
import test_alerts_of_consumers
from alerts import Observed, fires, rules
from certificates import sign_itself
from client import Client, Status, commands, facts, new_root, refused
from logic import BrokenServer, Logic, echo
from scrapes import once, once_it_is, read, read_twice
from sidecar import DOMAIN
from test_metrics import LISTEN
from test_object_store import functions, objects, serve  # noqa: F401
from test_object_store import send as send_each
from test_status import EVENTS, engine, own_logic, shop  # noqa: F401
from test_store_faults import DAMAGES, may_mount

OWNED = ["--owner", str(os.getpid())]
FILES = 1024  # that the process may open
DOMAINS = 60  # each takes six or so
OWN_DISK = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=32m tmpfs "$0" && exec "$@"']


def send(sidecar, timeout=10):
    """A command that may fail."""
    with contextlib.suppress(grpc.RpcError):
        Client(sidecar).handle(commands(new_root(), b"x"), timeout=timeout)


def test_each_alert_is_fired():
    fired = [alert for module in (globals(), vars(test_alerts_of_consumers))
             for test in list(module.values()) for alert in getattr(test, "alerts", ())]
    assert set(fired) == rules.keys()


# The process


@fires("OutriderDown")
def test_a_process_that_is_killed(start, logic_process):
    sidecar = start(address=logic_process.address, options=[LISTEN])
    well = read(sidecar)
    sidecar.kill()
    broken = read(sidecar)
    return Observed([well], [broken], [read(sidecar.start())])


@fires("OutriderRestarts")
def test_a_process_that_is_killed_again_and_again(start, logic_process):
    sidecar = start(address=logic_process.address, options=[LISTEN])

    def scrape_of_the_next():
        sidecar.kill()
        return read(sidecar.start())

    return Observed([read(sidecar)], [scrape_of_the_next() for _ in range(3)], [read(sidecar)])


@fires("OutriderFilesRunOut")
def test_clients_that_take_all_sockets(start):
    """All that they may have, half of all files; those of many domains are more than what is left."""
    limit = ["prlimit", f"--nofile={FILES}"]
    sidecar = start(domain=None, options=[LISTEN, "--projector-enabled=false"], wrapper=limit)
    for number in range(DOMAINS):
        book = facts(new_root(), b"x")
        book.cover.domain = f"domain-{number}"
        Client(sidecar).record(book)
    host, _, port = sidecar.addresses["query-handler"].rpartition(":")
    well = read(sidecar)
    with contextlib.ExitStack() as clients:
        for number in range(FILES * 4 // 5):
            from_one_of_four = f"127.0.0.{number % 4 + 1}", 0
            client = clients.enter_context(socket.create_connection((host, port), source_address=from_one_of_four))
            with contextlib.suppress(OSError):  # one too many
                client.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + BrokenServer.EMPTY_SETTINGS)
        broken = once(lambda scraped: scraped.total("process_open_fds") > FILES * 0.8, sidecar)
    return Observed([well], [broken], [once(lambda scraped: scraped.total("process_open_fds") < FILES / 2, sidecar)])


@fires("OutriderCertificateExpires")
def test_a_certificate_that_nobody_renews(start, logic_process, tmp_path):
    def expires(days):
        sign_itself(tmp_path, "server", "IP:127.0.0.1", days)

        def shows(scraped):
            left = scraped.total("outrider_certificate_expiry_seconds")
            return left and abs(left / 86_400 - days) < 1

        return once(shows, *sidecars, context=ssl._create_unverified_context())

    sidecars = []
    sign_itself(tmp_path, "server", "IP:127.0.0.1", 400)
    sidecars.append(start(address=logic_process.address, options=[
        LISTEN, f"--tls-certificate={tmp_path}/server.pem", f"--tls-key={tmp_path}/server.key"]))
    return Observed([expires(400)], [expires(2)], [expires(400)])


# Calls


@pytest.fixture
def serve_commands(start):
    """Starts a command-handler on logic that does as it should."""

    def serve_commands(logic, *options):
        logic.reset()
        return start(role="command-handler", address=logic.address, options=[LISTEN, *options])

    return serve_commands


@fires("OutriderLogicDown")
def test_logic_that_is_down(serve_commands, own_logic):
    sidecar = serve_commands(own_logic[0])
    well = read_twice(lambda: send(sidecar), sidecar)
    own_logic[0].stop()
    broken = read_twice(lambda: send(sidecar, timeout=1), sidecar)
    own_logic.append(Logic(own_logic[0].address))
    Client(sidecar).handle(commands(new_root(), b"x"))
    return Observed(well, broken, read_twice(lambda: send(sidecar), sidecar))


@fires("OutriderCommandsFail")
def test_logic_that_fails(serve_commands, logic_process):
    sidecar = serve_commands(logic_process)

    def send_ten():
        for _ in range(10):
            send(sidecar)

    def fail_now_and_then(request, context):
        if len(logic_process.requests) % 5 == 0:
            raise RuntimeError("it had no answer to that")
        return echo(request, context)

    well = read_twice(send_ten, sidecar)
    logic_process.answer = fail_now_and_then
    broken = read_twice(send_ten, sidecar)
    logic_process.reset()
    return Observed(well, broken, read_twice(send_ten, sidecar))


@fires("OutriderCommandsSlow")
def test_logic_that_is_slow(serve_commands, logic_process):
    sidecar = serve_commands(logic_process)

    def take_long(request, context):
        time.sleep(1.1)
        return echo(request, context)

    well = read_twice(lambda: send(sidecar), sidecar)
    logic_process.answer = take_long
    broken = read_twice(lambda: send(sidecar), sidecar)
    logic_process.reset()
    return Observed(well, broken, read_twice(lambda: send(sidecar), sidecar))


@fires("OutriderLongHistories")
def test_one_command_with_a_long_history(serve_commands, logic_process):
    """The first of its process, so that no counter was there before."""
    sidecar, root = serve_commands(logic_process, "--limit-history-warning=9KiB"), new_root()
    for _ in range(5):
        Client(sidecar).handle(commands(root, EVENTS))
    well = read(sidecar)
    assert well.total("outrider_long_histories_total") is None
    Client(sidecar).handle(commands(root, EVENTS))
    broken = read(sidecar)
    assert broken.total("outrider_long_histories_total") == 1
    return Observed([well], [broken])


# The store


@fires("OutriderStoreNotWritable", "OutriderStoreSilent")
def test_a_store_that_is_away(start, engine, logic_process):
    logic_process.reset()
    sidecar = start(data=shop(engine), address=logic_process.address, options=[LISTEN])
    Client(sidecar).record(facts(new_root(), b"x"))
    well = once(lambda scraped: scraped.follows() and answers(scraped) == (1, 1), sidecar)
    engine.kill()
    broken = once(lambda scraped: answers(scraped) == (0, None), sidecar)
    engine.start(*OWNED)
    return Observed([well], [broken], [once(lambda scraped: answers(scraped) == (1, 1), sidecar)])


def answers(scraped):
    return scraped.total("outrider_store_reachable"), scraped.total("outrider_subscription_head")


@fires("OutriderClockOff")
def test_a_clock_that_is_wrong(start, engine, logic_process):
    sidecar = start(data=shop(engine), address=logic_process.address, options=[LISTEN])

    def off(*options, by):
        engine.stop()
        engine.start(*OWNED, *options)
        return once(lambda scraped: round(abs(scraped.total("outrider_clock_offset_seconds") or 99)) == by, sidecar)

    return Observed([read(sidecar)], [off("--clock-offset=-7", by=7)], [off(by=0)])


@pytest.mark.skipif(not may_mount(), reason="this user may not mount a file system of their own")
@fires("OutriderDiskFills")
def test_a_disk_that_fills(start, logic_process, tmp_path):
    data = tmp_path / "disk"
    data.mkdir()
    sidecar = start(data=data, address=logic_process.address, options=[LISTEN], wrapper=[*OWN_DISK, str(data)])
    well = read(sidecar)
    # As the sidecar sees it: nobody else has it mounted.
    ballast = Path(f"/proc/{sidecar.process.pid}/root{data}") / "ballast"
    ballast.write_bytes(bytes(30 << 20))
    broken = read(sidecar)
    ballast.unlink()
    return Observed([well], [broken], [read(sidecar)])


@fires("OutriderDataLoss")
def test_one_read_of_a_damaged_commit(start, logic_process, tmp_path):
    """Nobody asks for it again."""
    logic_process.reset()
    options, root = {"address": logic_process.address, "options": [LISTEN, "--projector-enabled=false"]}, new_root()
    sidecar = start(**options)
    for _ in range(3):
        Client(sidecar).handle(commands(root, b"x"))
    sidecar.stop()
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / f"{DOMAIN}.db")) as file, file:
        assert file.execute(DAMAGES["a row is gone"], [root]).rowcount == 1
    sidecar = start(**options)
    well = read(sidecar)
    refused(lambda: Client(sidecar).books(root), Status.DATA_LOSS)
    return Observed([well], [read(sidecar)])


@pytest.mark.parametrize("harm", ["missing", "away"])
@fires("OutriderSnapshotsElsewhereFail")
def test_an_object_store_without_its_objects(serve, functions, objects, harm):
    """Of a process that is new, so that nobody saw its counters at 0."""
    first, root = serve(), new_root()
    send_each(first, root, b"0", b"1")
    well = read(first)
    if harm == "missing":
        for key in objects.keys():
            objects.objects.delete_object(Bucket="snapshots", Key=key)
    else:
        objects.server.stop()
    second = serve("--snapshots-timeout=2s")
    send_each(second, root, b"2")
    return Observed([well], [read(first, second)])
