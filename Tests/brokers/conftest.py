"""That the scripts which start brokers do what tests and people rely on."""

import os
import signal
import subprocess
import sys
import threading

import pytest
from brokers import TOP, running
from evented.evented_pb2 import EventBook
from google.protobuf.any_pb2 import Any


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A directory for brokers. None may be left in it."""
    directory = tmp_path_factory.mktemp("brokers")
    yield directory
    assert running(directory) == []


@pytest.fixture
def book():
    book = EventBook()
    book.cover.domain = "bank"
    book.cover.root.value = bytes(range(16))
    book.pages.add(num=7, Event=Any(type_url="type.googleapis.com/bank.AccountOpened"))
    return book


@pytest.fixture
def example():
    """Starts an example consumer. example("…_consumer.py", uri) gives its standard output."""
    started = []

    def start(name, uri):
        started.append(subprocess.Popen(
            [sys.executable, TOP / "examples/channels" / name, uri, "bank"], stdout=subprocess.PIPE, text=True))
        return started[-1].stdout

    yield start
    for each in started:
        each.kill()
        each.wait()
        each.stdout.close()


def together(*actions):
    threads = [threading.Thread(target=action) for action in actions]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def with_and_signal(script, variable, temporary):
    """Sends SIGTERM to `with` while its command runs. The broker's address, and the status of `with`."""
    process = subprocess.Popen(
        [script, "with", "sh", "-c", f"echo ${variable}; exec sleep 600"], env=os.environ | {variable: "", "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE, text=True)
    uri = process.stdout.readline().strip()
    assert running(temporary)
    process.send_signal(signal.SIGTERM)
    status = process.wait(60)
    process.stdout.close()
    return uri, status
