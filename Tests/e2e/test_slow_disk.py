"""A disk whose reads take milliseconds holds up the calls that read from it, and no others."""

import os
from collections import Counter

import pytest
from client import Client, commands, new_root
from ending import end
from preloaded import library

AGGREGATES = 100


@pytest.fixture(scope="module")
def slow_reads(tmp_path_factory):
    return library("slow_reads", tmp_path_factory.mktemp("library"))


def test_reads_of_a_slow_disk_leave_the_event_loops(start, logic_process, slow_reads, tmp_path):
    only_commands = {"address": logic_process.address, "options": ["--projector-enabled=false"]}
    sidecar = start(**only_commands)
    roots = [new_root() for _ in range(AGGREGATES)]
    for root in roots:
        Client(sidecar).handle(commands(root, os.urandom(10_000)))
    end(sidecar)

    log = tmp_path / "reads"
    slow = ["env", f"LD_PRELOAD={slow_reads}", f"SLOW_LOG={log}", "SLOW_FILES=.db"]
    sidecar = start(wrapper=slow, **only_commands)
    log.write_text("")
    client = Client(sidecar)
    for root in roots:
        client.handle(commands(root, b"next"))

    threads = Counter(line.startswith("NIO") for line in log.read_text().splitlines())
    assert sum(threads.values()) >= AGGREGATES
    # One that proved slow sends those of the next milliseconds to threads; the next one, those of more.
    assert 0 < threads[True] < sum(threads.values()) / 5
