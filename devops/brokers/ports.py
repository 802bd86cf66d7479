"""A directory keeps its ports, so that clients find a broker again after a restart."""

import json
import random
import socket
import sys


def choose_ports(directory, names, **wanted):
    """A port for each name: as last time in this directory, else a free one. `wanted` overrides some."""
    file = directory / "ports"
    last = chosen_ports(directory) if file.exists() else {}
    chosen = {name: wanted.get(name) or last.get(name) or free_port() for name in names}
    for name in names:
        if not is_free(chosen[name]):
            sys.exit(f"cannot listen on 127.0.0.1:{chosen[name]}: the port is taken")
    file.write_text(json.dumps(chosen))
    return chosen


def chosen_ports(directory):
    """Those of the last start."""
    return json.loads((directory / "ports").read_text())


def free_port():
    """A free port below those that the kernel gives to outgoing connections."""
    while not is_free(port := random.randrange(20_000, 32_000)):
        pass
    return port


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
