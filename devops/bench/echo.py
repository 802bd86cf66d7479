"""Unary calls and streams on several makes of gRPC: every server under the same clients, every client on the same
server."""

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

from certificates import sign_itself
from listening import free_address
from running import running
from subject import PEERS, RELEASE, SCRATCH
from usage import cpu_seconds

CPP = SCRATCH / "cpp-echo"
SWIFT = SCRATCH / "grpc-swift/release/grpc-swift-echo"
CORES = os.cpu_count()
SECONDS = 2

#: How each server is started; what it takes besides in the clear, and over TLS. nghttpd is no gRPC, only HTTP/2: it
#: answers with a file as long as the message.
SERVERS = {
    "Outrider": ([RELEASE / "echo-server", "{address}", CORES], [], ["{certificate}", "{key}"]),
    "gRPC C++": ([CPP, "server", "{address}"], [], ["{certificate}", "{key}"]),
    "grpc-go": ([PEERS, "echo", "-address={address}"], [], ["-certificate={certificate}", "-key={key}"]),
    "grpc-swift-2": ([SWIFT, "server", "{port}"], [], ["{certificate}", "{key}"]),
    "nghttpd": (
        ["nghttpd", "--address=127.0.0.1", "-d", "{files}", "{port}"], ["--no-tls"], ["{key}", "{certificate}"]),
}

CLIENTS = {
    "Outrider": [RELEASE / "echo-client", "{address}", "{connections}", "{in_flight}", "{seconds}", CORES],
    "gRPC C++": [CPP, "client", "{address}", "{connections}", "{in_flight}", "{seconds}"],
    "grpc-go": [
        PEERS, "load", "-target=echo", "-address={address}", "-connections={connections}", "-in-flight={all}",
        "-duration={seconds}s"],
    "grpc-swift-2": [SWIFT, "client", "{port}", "{connections}", "{in_flight}", "{seconds}"],
}

#: Unary calls: bytes of the message, connections, calls in flight on each, fields of metadata.
SHAPES = {
    "100 B, 8 × 1": (100, 8, 1, 0),
    "100 B, 8 × 32": (100, 8, 32, 0),
    "100 B and 20 metadata, 8 × 32": (100, 8, 32, 20),
    "1 MiB, 8 × 1": (1 << 20, 8, 1, 0),
}


def measure_servers(subject):
    note = subject.note
    with tempfile.TemporaryDirectory(dir=SCRATCH) as directory:
        places = certify(directory)
        for who, (command, in_the_clear, over_tls) in SERVERS.items():
            with serving(command + in_the_clear, places) as (address, pid):
                for shape, how in SHAPES.items():
                    measure_unary(note, who, shape, pid, f"http://{address}", directory, how)
                if who != "nghttpd":
                    measure_streams(note, who, address, pid)
            with serving(command + over_tls, places) as (address, pid):
                measure_unary(
                    note, who, "over TLS, 100 B, 8 × 32", pid, f"https://{address}", directory,
                    SHAPES["100 B, 8 × 32"])


def measure_unary(note, who, shape, pid, url, directory, how):
    size, connections, in_flight, metadata = how
    message = Path(directory, "echo.Echo/Say")
    message.parent.mkdir(exist_ok=True)
    message.write_bytes(bytes([0]) + size.to_bytes(4, "big") + bytes(size))
    options = [f"-c{connections}", f"-m{in_flight}", "-t1", "-d", message]
    for number in range(metadata):
        options += ["-H", f"x-request-field-{number:02}: value-of-the-field-{number:02}"]
    h2load(f"{url}/echo.Echo/Say", "-D1", *options)
    before = cpu_seconds(pid)
    per_second, count = h2load(f"{url}/echo.Echo/Say", f"-D{SECONDS}", *options)
    note(f"RPC {shape}: server CPU, µs a call", (cpu_seconds(pid) - before) / count * 1e6, who)
    note(f"RPC {shape}: calls/s", per_second, who)


def h2load(url, *options):
    """Calls a second, and calls. h2load sees HTTP's status only; the streams' client checks gRPC's."""
    output = subprocess.run(
        ["h2load", *options, "-H", "content-type: application/grpc", "-H", "te: trailers", url],
        check=True, capture_output=True, text=True).stdout
    done, succeeded = re.search(r"(\d+) done, (\d+) succeeded", output).groups()
    assert int(done) > 0 and done == succeeded, f"{url}: {output}"
    return float(re.search(r"([\d.]+) req/s", output)[1]), int(done)


def measure_streams(note, who, address, pid):
    """4 streams of messages at once, and one message that goes there and back."""
    result = measured([PEERS, "streams", f"-address={address}", f"-pid={pid}"])
    note("RPC server streaming, 4 × 100 B: messages/s", result["feed_per_second"], who)
    note("RPC server streaming, 4 × 100 B: server CPU, µs a message", result["feed_cpu_us"], who)
    note("RPC ping-pong on one stream: p50, µs", result["chat_p50_us"], who)
    note("RPC ping-pong on one stream: p99, µs", result["chat_p99_us"], who)
    note("RPC ping-pong on one stream: server CPU, µs", result["chat_cpu_us"], who)


def measure_clients(subject):
    """Every client makes the same calls, of the server that gets in their way the least."""
    with serving(SERVERS["Outrider"][0], {}) as (address, _):
        for who, command in CLIENTS.items():
            for shape in ("100 B, 8 × 1", "100 B, 8 × 32"):
                _, connections, in_flight, _ = SHAPES[shape]
                result = measured(filled(
                    command, address, connections=connections, in_flight=in_flight, all=connections * in_flight,
                    seconds=SECONDS))
                subject.note(f"RPC client, {shape}: client CPU, µs a call", result["client_cpu_us"], who)
                subject.note(f"RPC client, {shape}: calls/s", result["per_second"], who)


# Running things


def serving(command, places):
    address = free_address()
    return running(filled(command, address, **places), address)


def filled(command, address, **values):
    return [str(part).format(address=address, port=address.split(":")[1], **values) for part in command]


def measured(command):
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def certify(directory):
    """A certificate that signs itself; h2load does not ask who signed."""
    sign_itself(directory, "localhost")
    return {"files": directory, "certificate": f"{directory}/localhost.pem", "key": f"{directory}/localhost.key"}
