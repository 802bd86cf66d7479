"""What clients of the gateway make it hold."""

import socket
import time
from pathlib import Path

import pytest
from client import eventually
from rest import Rest, bytes_value

FOLLOWERS = 1000


def resident(sidecar):
    lines = Path(f"/proc/{sidecar.process.pid}/status").read_text().splitlines()
    line, = [line for line in lines if line.startswith("VmRSS")]
    return int(line.split()[1]) << 10


def follow(sidecar, path):
    host, _, port = sidecar.addresses["gateway"].rpartition(":")
    connection = socket.socket()
    # The system would take megabytes for a client that reads nothing.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(20)
    connection.connect((host, int(port)))
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n".encode())
    assert connection.recv(4096).startswith(b"HTTP/1.1 200 OK\r\n")
    return connection


@pytest.fixture
def sidecar(start, logic_process):
    return start(address=logic_process.address, options=["--limit-connections-per-peer=5000"])


@pytest.mark.parametrize("path", ["/v1/domains/bank/log", "/v1/domains/bank/aggregates/a/events"])
def test_a_follower_takes_little_memory(sidecar, path):
    first = [follow(sidecar, path) for _ in range(100)]
    before = resident(sidecar)
    followers = [follow(sidecar, path) for _ in range(FOLLOWERS)]
    each = (resident(sidecar) - before) / FOLLOWERS
    print(f"{each / 1024:.1f} KiB for each follower of {path}")
    assert each < 64 << 10
    for connection in first + followers:
        connection.close()


def test_followers_that_read_nothing_hold_no_more_than_the_process_may(start, logic_process):
    sidecar = start(
        address=logic_process.address, options=["--limit-memory=4MiB", "--limit-connection-memory=4MiB"])
    rest = Rest(sidecar)
    followers = [follow(sidecar, "/v1/domains/bank/log") for _ in range(20)]
    before = resident(sidecar)

    def send(number):
        body = bytes_value("x" * 250_000)
        return rest("POST", f"/v1/domains/bank/aggregates/{number}/commands", body).status

    # Those who wait count for the limit, so that there may be no room for a command.
    assert {send(number) for number in range(6)} <= {200, 503}
    assert resident(sidecar) - before < 50 << 20
    for connection in followers:
        connection.close()
    eventually(lambda: send("last") == 200, timeout=60)


def test_a_body_counts_for_the_memory_of_the_process(start, logic_process):
    sidecar = start(
        address=logic_process.address,
        options=["--limit-memory=8MiB", "--limit-connection-memory=8MiB", "--gateway-body-size=4MiB"])
    host, _, port = sidecar.addresses["gateway"].rpartition(":")
    head = b"POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 4000000\r\n\r\n"
    uploads = []
    for _ in range(3):
        connection = socket.create_connection((host, int(port)), 20)
        connection.sendall(head + b" " * 3_500_000)
        uploads.append(connection)

    def refused():
        return [each for each in uploads if answered(each).startswith(b"HTTP/1.1 503 ")]

    assert eventually(refused)
    for connection in uploads:
        connection.close()
    eventually(lambda: Rest(sidecar)("POST", "/v1/events", " " * 3_000_000 + "[]").status == 400)


def answered(connection):
    connection.setblocking(False)
    try:
        return connection.recv(4096)
    except BlockingIOError:
        time.sleep(0.01)
        return b""
