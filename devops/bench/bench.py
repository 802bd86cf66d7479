"""Measures Outrider beside its peers, prints one table, and writes it to docs/benchmarks.md and the README.

Peers run in the same round on the same machine, one after the other; what is shown is the median of all rounds.

With --against, measures an earlier executable and this tree's in turns instead, and prints how they compare.
"""

import argparse
import os
import sys
from pathlib import Path

from appends import measure_append, measure_mongodb
from commands import measure_command, measure_traces
from comparison import Comparison
from delivery import measure_catch_up, measure_delivery
from echo import measure_clients, measure_servers
from eventuate import measure_eventuate
from footprint import measure_footprint
from framework import measure_framework
from functions import measure_functions
from gateway import measure_gateway
from operations import measure_idle, measure_rebuild, measure_rolling
from relaying import measure_channel
from report import Report
from sagas import measure_dispatched, measure_pending, measure_timers, measure_trace, measure_transfers
from schemas import measure_schemas
from subject import Subject

ROUNDS = int(os.environ.get("ROUNDS", "5"))

#: Rows of the table, in its order.
ROWS = {
    "servers": measure_servers,
    "clients": measure_clients,
    "append": measure_append,
    "mongodb": measure_mongodb,
    "command": measure_command,
    "functions": measure_functions,
    "traces": measure_traces,
    "channel": measure_channel,
    "delivery": measure_delivery,
    "catch-up": measure_catch_up,
    "transfers": measure_transfers,
    "dispatched": measure_dispatched,
    "timers": measure_timers,
    "pending": measure_pending,
    "trace": measure_trace,
    "rolling": measure_rolling,
    "rebuild": measure_rebuild,
    "idle": measure_idle,
    "gateway": measure_gateway,
    "schemas": measure_schemas,
    "eventuate": measure_eventuate,
    "framework": measure_framework,
    "footprint": measure_footprint,
}

#: These measure other programs than the executable.
NOT_OF_THE_EXECUTABLE = {"servers", "clients", "channel", "schemas", "framework"}


def main():
    asked = arguments()
    if asked.against:
        comparison = Comparison(ROUNDS)
        before = Subject(comparison.note_before, asked.against, beside_peers=False)
        after = Subject(comparison.note_after, beside_peers=False)
        measure(asked.rows or [row for row in ROWS if row not in NOT_OF_THE_EXECUTABLE], before, after)
        text = comparison.text(asked.named or asked.against.name)
    else:
        report = Report(ROUNDS)
        measure(asked.rows or ROWS, Subject(report.note))
        text = report.table()
        if not asked.rows:
            report.write()
    print("\n" + text)
    if asked.output:
        asked.output.write_text(text + "\n")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"all unless told otherwise: {', '.join(ROWS)}")
    parser.add_argument("--against", type=Path, metavar="EXECUTABLE", help="an earlier outrider to compare with")
    parser.add_argument("--named", help="what the comparison calls it")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where the table goes, too")
    asked = parser.parse_args()
    comparable = ROWS.keys() - (NOT_OF_THE_EXECUTABLE if asked.against else set())
    if wrong := [row for row in asked.rows if row not in comparable]:
        parser.error(f"no row{' that compares executables' * bool(asked.against)}: {', '.join(wrong)}")
    return asked


def measure(rows, *subjects):
    """Each row of all subjects in turn, as often as there are rounds."""
    for number in range(1, ROUNDS + 1):
        for row in rows:
            for subject in subjects:
                print(f"round {number} of {ROUNDS}: {row}, {subject.executable}", file=sys.stderr, flush=True)
                ROWS[row](subject)


if __name__ == "__main__":
    main()
