#!/usr/bin/env python3
"""Runs gRPC's interoperability cases in both directions with each peer, and prints a table.

Exits with 1 if a case fails. The cases: gRPC, doc/interop-test-descriptions.md and
doc/http2-interop-test-descriptions.md.
"""

import argparse
import contextlib
import os
import random
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import peers
from certificates import issue, sign_itself
from isolation import isolate
from listening import free_port, wait_until_listening
from pages import here_and_now, markdown_table, write_part
from reflection import reflection_column
from sidecar import TOP

PASS, FAIL, NOT_APPLICABLE = "pass", "FAIL", "n.a."
CASE_TIMEOUT = 60


def free_ports(count):
    """The first of so many free ports in a row, below those that the system hands out by itself."""
    while True:
        first = random.randrange(20000, 32000)
        with contextlib.suppress(OSError), contextlib.ExitStack() as probes:
            for port in range(first, first + count):
                probes.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first


@contextlib.contextmanager
def running(command, port, cwd=None):
    """Runs a server, and shows what it wrote if it ended by itself."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=cwd)
        try:
            wait_until_listening(process, port)
            yield process
        finally:
            ended = process.poll()
            process.kill()
            process.wait()
            if ended is not None:
                output.seek(0)
                print(f"{command[0]} ended with {ended}:\n{output.read().decode(errors='replace')[-2000:]}")


def run_case(command, expected="", environment=None):
    """Passes if the program succeeds and prints what is expected."""
    try:
        result = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=CASE_TIMEOUT, text=True,
            errors="replace", env=dict(os.environ, **(environment or {})))
    except subprocess.TimeoutExpired:
        print(f"{' '.join(command)} did not end in {CASE_TIMEOUT} s")
        return FAIL
    if result.returncode == 0 and expected in result.stdout:
        return PASS
    print(f"{' '.join(command)} ended with {result.returncode}:\n{result.stdout[-1500:]}")
    return FAIL


def run_cases(client, server, cases, certificates=None):
    """Runs a client's cases against one server; what one of the two does not know is not run."""
    known = [case for case in cases if case in client.asks and case in server.answers]
    port = free_port()
    environment = {peers.CPP_ROOTS: f"{certificates}/ca.pem"} if certificates else {}
    with running(server.server_command(port, certificates), port):
        return {
            case: run_case(client.client_command(port, case, certificates), environment=environment)
            for case in known}


@contextlib.contextmanager
def new_certificates():
    """Yields a directory with an authority's certificate, and a server's for 127.0.0.1 with its key."""
    with tempfile.TemporaryDirectory() as directory:
        sign_itself(directory, "ca")
        issue(Path(directory), "server", "IP:127.0.0.1")
        yield directory


def run_http2(ours):
    """Our client against servers that misbehave: each case has a port of its own, in alphabetical order."""
    cases = sorted(peers.HTTP2)
    base = free_ports(len(cases))
    command = [sys.executable, "http2_test_server.py", f"--base_port={base}"]
    with running(command, base + len(cases) - 1, cwd=peers.CACHE / "http2-servers"):
        return {
            case: run_case(ours.client_command(base + index, case)) for index, case in enumerate(cases)}


def sections(names, ours, build):
    """Yields each table: its title, and the titles and results of its columns."""
    everything = peers.CORE + peers.MORE + peers.COMPRESSION + peers.SOAK
    makes = [peers.PEERS[name] for name in names if name in peers.PEERS]

    def both_ways(makes, cases, certificates=None):
        for peer in makes:
            yield f"{peer.name} → Outrider", run_cases(peer, ours, cases, certificates)
            yield f"Outrider → {peer.name}", run_cases(ours, peer, cases, certificates)

    if makes:
        yield "Client → server", list(both_ways(makes, everything))
    if secured := [peer for peer in makes if peer.trust]:
        with new_certificates() as certificates:
            yield "Client → server, over TLS", list(both_ways(secured, peers.TLS, certificates))
    if "http2" in names:
        yield "Servers that misbehave in HTTP/2", [("Outrider's client", run_http2(ours))]
    if "grpc_cli" in names:
        with running_sidecar(build) as ports:
            grpc_cli = peers.CACHE / "grpc_cli"
            yield "Reflection", [("grpc_cli → a sidecar", reflection_column(grpc_cli, ports, run_case))]


@contextlib.contextmanager
def running_sidecar(build):
    """A sidecar with all roles; yields the port of each."""
    ports = {role: free_port() for role in ("command-handler", "query-handler", "projector")}
    flags = [f"--port-{role}={port}" for role, port in ports.items()]
    command = [build / "outrider", "run", "--store=memory", "--domain=bank", *flags]
    with running([str(word) for word in command], ports["projector"]):
        yield ports


def table(results):
    cases = list(dict.fromkeys(case for _, column in results for case in column))
    rows = [["case", *(title for title, _ in results)], ["---"] * (len(results) + 1)]
    for case in cases:
        rows.append([case, *(column.get(case, NOT_APPLICABLE) for _, column in results)])
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    rows[1] = ["-" * width for width in widths]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows)


def document(text, passed, failed):
    return f"""# Conformance

Outrider's gRPC runtime and other makes of gRPC, client against server, in the cases of gRPC's
[interoperability tests](https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md). `make
conformance` runs them and writes this page; `make test` runs the core cases with Go and Ruby.

{here_and_now()}: {passed} passed, {failed} failed.

{text}
Peers: grpc-go 1.33.3, Ruby and C++ 1.51.1, as Debian 12 has them. *n.a.*: one of the two does not know the
case. The misbehaving servers are those of gRPC's
[HTTP/2 tests](https://github.com/grpc/grpc/blob/master/doc/http2-interop-test-descriptions.md).
"""


def summary(measured):
    """How many of the cases of each pair passed, and a line on whatever is no pair."""
    pairs = {title: dict(results) for title, results in measured if len(results) > 1}
    columns = list(dict.fromkeys(pair for results in pairs.values() for pair in results))
    rows = [[title, *(share(results[pair]) if pair in results else "" for pair in columns)]
            for title, results in pairs.items()]
    others = [f"{title}: {share(column)}." for title, results in measured if len(results) == 1 for _, column in results]
    return f"{here_and_now()}.\n\n{markdown_table(['', *columns], rows)}\n\n{' '.join(others)}"


def share(column):
    outcomes = list(column.values())
    return f"{outcomes.count(PASS)} of {outcomes.count(PASS) + outcomes.count(FAIL)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", required=True, help="comma-separated: go, ruby, cpp, http2, grpc_cli")
    parser.add_argument("--build", type=Path, default=Path(".build/debug"), help="where our programs are")
    parser.add_argument("--write", action="store_true", help="write docs/conformance.md, and the README's table")
    arguments = parser.parse_args()
    if not isolate():
        print("no network namespace is allowed here: some peers listen on all interfaces for a while")
    build = arguments.build.resolve()
    measured = list(sections(arguments.peers.split(","), peers.ours(build), build))
    outcomes = [outcome for _, results in measured for _, column in results for outcome in column.values()]
    passed, failed = outcomes.count(PASS), outcomes.count(FAIL)
    text = "\n".join(f"## {title}\n\n{table(results)}\n" for title, results in measured)
    print(f"{text}\n{passed} passed, {failed} failed")
    if arguments.write:
        (TOP / "docs/conformance.md").write_text(document(text, passed, failed))
        write_part(TOP / "README.md", "conformance", summary(measured))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
