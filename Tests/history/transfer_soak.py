"""Transfers of money while every process is killed in turn, again and again: in one process, and apart.

A failure says its seed: --seed N kills in the same order again.
Usage: transfer_soak.py sagas|eventuate [--transfers N] [--seed N]
"""

import argparse
import random
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import choreography.deployment
import choreography.run
import sagas.deployment
import sagas.run
from run import Failed
from sidecar import TOP

OUTRIDER = TOP / ".build/release/outrider"
CLIENTS, WINDOW = 16, 128
BETWEEN_MAX, KILLS_MIN = 500, 20  # transfers between two kills, and kills in each deployment

#: Who moves the money: the run, how many accounts there are, and how many of all transfers each deployment has. The
#: server for development takes more time than all others together.
KINDS = {
    "sagas": (sagas.run.Run, 400, {sagas.deployment.OneProcess: 0.8, sagas.deployment.Apart: 0.2}),
    "eventuate": (
        choreography.run.Run, 200, {choreography.deployment.OneProcess: 0.8, choreography.deployment.Apart: 0.2}),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--transfers", type=int, default=100_000, help="in all deployments")
    parser.add_argument("--seed", default=str(random.getrandbits(32)))
    parser.add_argument("--executable", type=Path, default=OUTRIDER)
    options = parser.parse_args()
    run, accounts, shares = KINDS[options.kind]
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that all that was started is stopped
    try:
        for deployment, share in shares.items():
            directory = Path(tempfile.mkdtemp(prefix=f"{options.kind}-"))
            transfers = round(options.transfers * share)
            between = min(BETWEEN_MAX, transfers // KILLS_MIN)
            say(f"{options.kind}: {transfers} transfers, seed {options.seed}, logs in {directory}")
            run(options.seed, transfers, between, accounts, CLIENTS, WINDOW, say).on(
                deployment(options.executable.absolute(), directory))
            shutil.rmtree(directory)
    except (Failed, AssertionError) as failure:
        sys.exit(f"{options.kind}, {failure}")  # the logs stay
    except KeyboardInterrupt:
        sys.exit("interrupted")


def say(line):
    print(line, flush=True)


if __name__ == "__main__":
    main()
