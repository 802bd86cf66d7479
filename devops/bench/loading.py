"""The load client of all stores."""

import json
import subprocess

from subject import PEERS

SECONDS = 5


def load(target, address, in_flight, pid, *options):
    """Keeps so many calls in flight. What it measured; see peers/load.go."""
    output = subprocess.run(
        [PEERS, "load", f"-target={target}", f"-address={address}", f"-in-flight={in_flight}",
         f"-duration={SECONDS}s", f"-pid={pid}", "-domain=bank", *options],
        check=True, stdout=subprocess.PIPE).stdout
    return json.loads(output)
