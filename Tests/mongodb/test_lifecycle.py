"""Starting, stopping and crashing: what was acknowledged is there again, and nothing else is left."""

import datetime
import itertools
import os
import select
import signal
import socket
import subprocess
import tempfile
import threading

import pymongo
import pytest
from engine import SCRIPT, Engine, engine
from pymongo.errors import ConnectionFailure

pytestmark = pytest.mark.usefixtures("ours")


def outside(own):
    """What it uses outside of its directory: System V memory by key, and files."""
    key = (own.directory / "pg" / "postmaster.pid").read_text().splitlines()[6].split()[0]
    mapped = {line.split()[-1] for each in own.postgres() for line in open(f"/proc/{each}/maps") if "/dev/shm/" in line}
    return key, mapped | {(own.directory / "sockets").read_text()}


def memory():
    return {line.split()[0] for line in open("/proc/sysvipc/shm")}


def ended(pid):
    """Waits until that process is gone."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    assert select.select([handle], [], [], 30)[0]
    os.close(handle)


def stored(own):
    with own.client() as client:
        return sorted(client.test.log.distinct("_id"))


def store(own, identity):
    with own.client() as client:
        client.test.log.insert_one({"_id": identity})


def test_what_was_stored_is_there_after_a_stop(own):
    own.start()
    uri = own.uri
    store(own, 1)
    processes = own.postgres()
    own.stop()
    assert processes and not own.postgres()
    assert not (own.directory / "pid").exists() and not (own.directory / "uri").exists()
    assert own.start().uri == uri
    assert stored(own) == [1]


def test_a_crash_loses_nothing_and_leaves_nothing(own):
    own.start()
    store(own, 1)
    key, files = outside(own)
    assert key in memory() and all(map(os.path.exists, files))
    own.kill()
    assert not own.postgres()
    assert key not in memory() and not any(map(os.path.exists, files))
    own.start()
    assert stored(own) == [1]


def test_what_was_acknowledged_before_a_crash_is_there_after_it(own):
    own.start()
    acknowledged, enough = [], threading.Event()

    def write(writer):
        with own.client(retryWrites=False, serverSelectionTimeoutMS=1) as client:
            for number in itertools.count():
                identities = [f"{writer}-{number}-{place}" for place in range(16)]
                try:
                    client.test.log.insert_many([{"_id": identity} for identity in identities], ordered=False)
                except ConnectionFailure:
                    return
                acknowledged.extend(identities)
                if len(acknowledged) > 1000:
                    enough.set()

    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(3)]
    for each in writers:
        each.start()
    assert enough.wait(60)
    own.kill()
    for each in writers:
        each.join()
    own.start()
    assert set(acknowledged) <= set(stored(own))


def test_the_gateway_killed_takes_postgres_with_it(own):
    own.start()
    store(own, 1)
    servers, gateway = own.postgres(), own.pid
    os.kill(gateway, signal.SIGKILL)
    for each in (gateway, *servers):
        ended(each)
    own.start()
    assert stored(own) == [1]


def test_postgres_killed_ends_the_gateway(own):
    own.start()
    store(own, 1)
    gateway = own.pid
    os.kill(own.postgres()[0], signal.SIGKILL)
    ended(gateway)
    own.start()
    assert stored(own) == [1]


def test_a_backend_killed_costs_its_clients_a_connection(own):
    own.start()
    with own.client(retryWrites=False, retryReads=False) as client:
        client.test.log.insert_one({"_id": 1})
        backend = next(each for each in own.postgres() if b"postgres postgres" in open(f"/proc/{each}/cmdline", "rb").read())
        os.kill(backend, signal.SIGKILL)
        ended(backend)
        while True:
            try:
                assert client.test.log.distinct("_id") == [1]
                break
            except ConnectionFailure:
                pass


def test_what_a_crash_left_in_the_directory_does_no_harm(own):
    own.start()
    store(own, 1)
    own.kill()
    stale = {"pid": "1", "uri": "mongodb://127.0.0.1:1/", "port": "", "sockets": str(own.directory / "pg"), "lock": ""}
    for name, content in stale.items():
        (own.directory / name).write_text(content)
    (own.directory / "pg" / "postmaster.pid").write_text(f"{os.getpid()}\n{own.directory}/pg\n")
    (own.directory / "pg.part").mkdir()
    (own.directory / "pg.part" / "PG_VERSION").write_text("18")
    own.start()
    assert stored(own) == [1]


def test_two_that_start_the_same_are_given_one(own):
    others = [Engine(own.directory) for _ in range(3)]
    threads = [threading.Thread(target=each.start) for each in others]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len({each.uri for each in others}) == 1
    own.uri = others[0].uri
    store(own, 1)


def test_engines_in_different_places_do_not_meet(own, tmp_path):
    other = Engine(tmp_path / "other")
    threads = [threading.Thread(target=each.start) for each in (own, other)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    try:
        store(own, 1)
        store(other, 2)
        assert (stored(own), stored(other)) == ([1], [2])
        own.stop()
        assert stored(other) == [2]
    finally:
        other.kill()


def test_a_path_may_be_long_and_hold_spaces(tmp_path):
    own = Engine(tmp_path / ("long " * 30) / ("name " * 30))
    try:
        store(own.start(), 1)
        assert stored(own) == [1]
    finally:
        own.stop()


def test_a_port_that_is_taken_is_said(own):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = engine("start", own.directory, f"--port={port}")
    assert refused.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in refused.stderr


def test_stopping_what_does_not_run_is_no_error(own):
    own.stop()
    asked = engine("uri", own.directory)
    assert asked.returncode == 1 and "nothing serves" in asked.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_run_says_where_it_is_and_ends_when_told(own, how):
    process = subprocess.Popen([SCRIPT, "run", own.directory], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    said = []
    while not said or not said[-1].strip().startswith(".venv"):
        line = process.stdout.readline()
        assert line
        said.append(line)
    own.uri = next(line.strip() for line in said if line.strip().startswith("mongodb://"))
    store(own, 1)
    again = engine("run", own.directory)
    assert again.returncode == 3 and "is served already" in again.stderr
    process.send_signal(how)
    assert process.wait(30) == 0
    process.stdout.close()
    assert not own.postgres()


def test_with_gives_its_command_a_server_and_takes_it_away():
    temporary = tempfile.mkdtemp()
    done = engine(
        "with", "sh", "-c", "echo $OUTRIDER_TEST_MONGODB_URI; ls $TMPDIR >&2; kill -9 $$", OUTRIDER_TEST_MONGODB_URI="", TMPDIR=temporary)
    assert "outrider-mongodb-" in done.stderr
    os.rmdir(temporary)
    assert done.returncode == 128 + 9
    uri = done.stdout.strip()
    assert uri.startswith("mongodb://127.0.0.1:")
    with pytest.raises(ConnectionFailure):
        pymongo.MongoClient(uri, serverSelectionTimeoutMS=1).admin.command("ping")


def test_with_leaves_a_server_that_is_given_alone():
    done = engine("with", "sh", "-c", "echo $OUTRIDER_TEST_MONGODB_URI; exit 3", OUTRIDER_TEST_MONGODB_URI="mongodb://elsewhere/")
    assert (done.stdout, done.returncode) == ("mongodb://elsewhere/\n", 3)


def test_with_passes_a_signal_on_and_takes_its_server_away():
    process = subprocess.Popen(
        [SCRIPT, "with", "sh", "-c", "echo $OUTRIDER_TEST_MONGODB_URI; exec cat"], env=os.environ | {"OUTRIDER_TEST_MONGODB_URI": ""},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    uri = process.stdout.readline().strip()
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 128 + signal.SIGTERM
    process.stdin.close()
    process.stdout.close()
    with pytest.raises(ConnectionFailure):
        pymongo.MongoClient(uri, serverSelectionTimeoutMS=1).admin.command("ping")


def test_an_engine_ends_with_its_owner(own):
    owner = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    own.start(f"--owner={owner.pid}")
    gateway = own.pid
    owner.kill()
    owner.wait()
    owner.stdin.close()
    ended(gateway)
    assert not own.postgres()


def test_clock_may_be_wrong(tmp_path):
    own = Engine(tmp_path).start(f"--owner={os.getpid()}", "--clock-offset=-3600")
    try:
        with own.client() as client:
            told = client.admin.command("hello")["localTime"].replace(tzinfo=datetime.timezone.utc)
        behind = datetime.datetime.now(datetime.timezone.utc) - told
        assert datetime.timedelta(minutes=59) < behind < datetime.timedelta(minutes=61)
    finally:
        own.stop()
