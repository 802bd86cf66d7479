"""All kinds of logic in Go, which takes next to no time."""

from contextlib import contextmanager

from listening import free_address
from running import running
from subject import PEERS


@contextmanager
def logic():
    """Its address, while it runs."""
    address = free_address()
    with running([PEERS, "logic"], address, OUTRIDER_LOGIC_ADDRESS=address):
        yield address
