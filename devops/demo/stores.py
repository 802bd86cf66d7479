"""An empty place for events: a directory, or a database of the server that the tests use."""

import os
import tempfile
import uuid
from contextlib import contextmanager
from urllib.parse import urlsplit


@contextmanager
def new_store(kind):
    """What `Sidecar` takes as its data."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="outrider-demo-") as directory:
            yield directory
    else:
        server, mark, options = os.environ["OUTRIDER_TEST_MONGODB_URI"].partition("?")
        database = f"outrider-demo-{uuid.uuid4().hex[:8]}"
        yield f"{server.rstrip('/')}/{database}{mark}{options}"


def shown(uri):
    """What to show of a database's URI: not the password that may be in it."""
    parts = urlsplit(uri)
    hosts = parts.netloc.rpartition("@")[2]
    return f"{hosts}, database {parts.path[1:]}"
