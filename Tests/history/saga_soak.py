"""Transfers of money by sagas while every process is killed in turn, again and again: in one process, and apart.

A failure says its seed: --seed N kills in the same order again.
Usage: saga_soak.py [--transfers N] [--seed N]
"""

import argparse
import random
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from run import Failed
from sagas.deployment import Apart, OneProcess
from sagas.run import Run
from sidecar import TOP

OUTRIDER = TOP / ".build/release/outrider"
ACCOUNTS, CLIENTS, WINDOW = 400, 16, 128
BETWEEN_MAX, KILLS_MIN = 500, 20  # transfers between two kills, and kills in each deployment
#: How many of all transfers each deployment has. The server for development takes more time than all others together.
SHARES = {OneProcess: 0.8, Apart: 0.2}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transfers", type=int, default=100_000, help="in all deployments")
    parser.add_argument("--seed", default=str(random.getrandbits(32)))
    parser.add_argument("--executable", type=Path, default=OUTRIDER)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that all that was started is stopped
    try:
        for deployment, share in SHARES.items():
            directory = Path(tempfile.mkdtemp(prefix="sagas-"))
            transfers = round(options.transfers * share)
            between = min(BETWEEN_MAX, transfers // KILLS_MIN)
            say(f"sagas: {transfers} transfers, seed {options.seed}, logs in {directory}")
            Run(options.seed, transfers, between, ACCOUNTS, CLIENTS, WINDOW, say).on(
                deployment(options.executable.absolute(), directory))
            shutil.rmtree(directory)
    except (Failed, AssertionError) as failure:
        sys.exit(f"sagas, {failure}")  # the logs stay
    except KeyboardInterrupt:
        sys.exit("interrupted")


def say(line):
    print(line, flush=True)


if __name__ == "__main__":
    main()
