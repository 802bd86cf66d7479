"""Echo servers of several makes of gRPC, under the same calls."""

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

from running import cpu_seconds, running
from sidecar import TOP, free_address

SCRATCH = TOP / ".generated/bench"
PEERS = SCRATCH / "peers"
SECONDS = 3

#: How each is started; {port} and {files} are filled in. nghttpd is no gRPC, only HTTP/2: it answers with a
#: file as long as the message.
SERVERS = {
    "Outrider": [TOP / ".build/release/echo-server", "127.0.0.1:{port}", os.cpu_count()],
    "gRPC C++": [SCRATCH / "cpp-echo", "{port}"],
    "grpc-go": [PEERS, "echo"],
    "grpc-swift-2": [SCRATCH / "grpc-swift/release/grpc-swift-echo", "{port}"],
    "nghttpd": ["nghttpd", "--no-tls", "--address=127.0.0.1", "-d", "{files}", "{port}"],
}

#: Unary calls: bytes of the message, connections, calls in flight on each, fields of metadata.
SHAPES = {
    "100 B, 8 × 1": (100, 8, 1, 0),
    "100 B, 8 × 32": (100, 8, 32, 0),
    "100 B and 20 metadata, 8 × 32": (100, 8, 32, 20),
    "1 MiB, 8 × 1": (1 << 20, 8, 1, 0),
}


def measure_echo(note):
    for who, command in SERVERS.items():
        with tempfile.TemporaryDirectory(dir=SCRATCH) as directory:
            address = free_address()
            port = address.split(":")[1]
            command = [str(part).format(port=port, files=directory) for part in command]
            with running(command, address, PORT=port) as pid:
                for shape, (size, connections, in_flight, metadata) in SHAPES.items():
                    message = Path(directory, "echo.Echo/Say")
                    message.parent.mkdir(exist_ok=True)
                    message.write_bytes(bytes([0]) + size.to_bytes(4, "big") + bytes(size))
                    measure_unary(
                        note, who, shape, pid, f"http://{address}/echo.Echo/Say", message, connections, in_flight,
                        metadata)
                if who != "nghttpd":
                    measure_streams(note, who, address, pid)


def measure_unary(note, who, shape, pid, url, message, connections, in_flight, metadata):
    options = [f"-c{connections}", f"-m{in_flight}", "-t1", "-d", message]
    for number in range(metadata):
        options += ["-H", f"x-request-field-{number:02}: value-of-the-field-{number:02}"]
    h2load(url, "-D1", *options)
    before = cpu_seconds(pid)
    per_second, count = h2load(url, f"-D{SECONDS}", *options)
    note(f"RPC {shape}: server CPU, µs a call", who, (cpu_seconds(pid) - before) / count * 1e6)
    note(f"RPC {shape}: calls/s", who, per_second)


def h2load(url, *options):
    """Calls a second, and calls. h2load sees HTTP's status only; the streams' client checks gRPC's."""
    output = subprocess.run(
        ["h2load", *options, "-H", "content-type: application/grpc", "-H", "te: trailers", url],
        check=True, capture_output=True, text=True).stdout
    done, succeeded = re.search(r"(\d+) done, (\d+) succeeded", output).groups()
    assert int(done) > 0 and done == succeeded, output
    return float(re.search(r"([\d.]+) req/s", output)[1]), int(done)


def measure_streams(note, who, address, pid):
    """4 streams of messages at once, and one message that goes there and back."""
    result = json.loads(subprocess.run(
        [PEERS, "streams", f"-address={address}", f"-pid={pid}"], check=True, stdout=subprocess.PIPE).stdout)
    note("RPC server streaming, 4 × 100 B: messages/s", who, result["feed_per_second"])
    note("RPC server streaming, 4 × 100 B: server CPU, µs a message", who, result["feed_cpu_us"])
    note("RPC ping-pong on one stream: p50, µs", who, result["chat_p50_us"])
    note("RPC ping-pong on one stream: p99, µs", who, result["chat_p99_us"])
    note("RPC ping-pong on one stream: server CPU, µs", who, result["chat_cpu_us"])
