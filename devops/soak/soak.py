#!/usr/bin/env python3
"""A server and clients under calls of all kinds; prints their memory over time, and fails if it grows.

A steady server is called by a steady client and by one that is killed again and again; another server is
killed and started again under a client that stays. Calls end in every way that there is.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

from pages import markdown_table
from programs import Server, client
from usage import resident_bytes

#: How often the client that does not stay is killed, and the server that does not.
CLIENT_LIFE, SERVER_LIFE = 5, 10
#: Memory counts as flat if its median in the last fifth of the time is no more than that in the second
#: fifth, and this part of it, and this many MiB.
GROWTH_PART, GROWTH_MIB = 0.05, 3


def sample(build, seconds):
    """Runs everything; yields the time and the memory of each that stays, by name."""
    steady, restarted = Server(build), Server(build)
    staying = {
        "server": steady.process,
        "its client": client(build, steady.port, "mixed", seconds),
        "client of a server that restarts": client(build, restarted.port, "mixed", seconds, failures_max=-1),
    }
    fleeting = client(build, steady.port, "mixed", seconds)
    began = time.monotonic()
    next_client, next_server = CLIENT_LIFE, SERVER_LIFE
    try:
        while (elapsed := time.monotonic() - began) < seconds - 1:
            for name, process in staying.items():
                if process.poll() is not None:
                    raise RuntimeError(f"the {name} ended: {process.communicate()}")
            yield elapsed, {name: resident_bytes(process.pid) / 2**20 for name, process in staying.items()}
            if elapsed > next_client:
                fleeting.kill()
                fleeting.communicate()
                fleeting = client(build, steady.port, "mixed", seconds)
                next_client += CLIENT_LIFE
            if elapsed > next_server:
                restarted.restart()
                next_server += SERVER_LIFE
            time.sleep(1)
        for name, process in staying.items():
            if name != "server":
                output, errors = process.communicate(timeout=120)
                print(f"{name}: {output.strip()}", file=sys.stderr)
                if process.returncode != 0:
                    raise RuntimeError(f"the {name} failed: {output}{errors}")
    finally:
        for process in (*staying.values(), fleeting, restarted.process):
            process.kill()


def fifth(samples, name, number):
    part = len(samples) // 5
    return statistics.median(memory[name] for _, memory in samples[number * part : (number + 1) * part])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path, help="where the programs are")
    parser.add_argument("--minutes", type=float, required=True)
    arguments = parser.parse_args()
    seconds = int(arguments.minutes * 60)
    samples, failures = [], []
    try:
        for each in sample(arguments.build.resolve(), seconds):
            samples.append(each)
    except RuntimeError as error:
        failures.append(str(error))
    if len(samples) < 10:
        failures.append("that was too short to tell anything about memory")
    else:
        show(samples)
        failures += [f"the memory of the {name} grows" for name in samples[0][1] if grows(samples, name)]
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def show(samples):
    names = list(samples[0][1])
    shown = [samples[min(at * len(samples) // 10, len(samples) - 1)] for at in range(11)]
    print(markdown_table(
        ["minutes", *(f"{name}, MiB" for name in names)],
        [[f"{elapsed / 60:.1f}", *(f"{memory[name]:.1f}" for name in names)] for elapsed, memory in shown]))


def grows(samples, name):
    before, after = fifth(samples, name, 1), fifth(samples, name, 4)
    is_flat = after <= before * (1 + GROWTH_PART) + GROWTH_MIB
    print(f"{name}: {before:.1f} MiB, then {after:.1f} MiB, {'flat' if is_flat else 'GROWS'}")
    return not is_flat


if __name__ == "__main__":
    sys.exit(main())
