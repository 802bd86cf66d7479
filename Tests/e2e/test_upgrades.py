"""A store that a newer version of Outrider has changed."""

import contextlib
import sqlite3
import subprocess

import pymongo
import pytest
from client import Client, facts, new_root
from sidecar import DOMAIN, DidNotStart, Sidecar

NEWER = "9.8.7"


@pytest.fixture
def version(executable):
    return subprocess.run([executable, "version"], capture_output=True, text=True, check=True).stdout.split()[1]


def raise_format(store):
    """As a newer version would. Returns which version the store had from before."""
    if str(store).startswith("mongodb"):
        with pymongo.MongoClient(store) as client:
            before = client.get_default_database().domains.find_one_and_update(
                {"_id": DOMAIN}, {"$inc": {"format": 1}, "$set": {"version": NEWER}})
            return before["version"]
    file = sqlite3.connect(store / f"{DOMAIN}.db")
    ((format,),) = file.execute("PRAGMA user_version")
    ((before,),) = file.execute("SELECT version FROM upgrades WHERE format = ?", (format,))
    file.execute("INSERT INTO upgrades VALUES (?, ?)", (format + 1, NEWER))
    file.execute(f"PRAGMA user_version = {format + 1}")
    file.commit()
    file.close()
    return before


@pytest.mark.parametrize("role", ["run", "query-handler"])
def test_a_newer_store_is_refused_at_start_with_the_version_that_it_needs(
        start, executable, shared_store, version, role):
    sidecar = start(data=shared_store)
    Client(sidecar).record(facts(new_root(), b"x"))
    assert sidecar.stop() == 0
    assert raise_format(shared_store) == version
    older = Sidecar(executable, shared_store, role=None if role == "run" else role)
    # It may listen before it has asked the store.
    with contextlib.suppress(DidNotStart):
        older.start()
    try:
        assert older.process.wait(20) == 78
        older.reader.join(10)
        assert f"was written by Outrider {NEWER}, format" in older.text
        assert f"use {NEWER} or newer" in older.text
    finally:
        older.__exit__()
