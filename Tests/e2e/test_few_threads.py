"""A limit on processes, as of a container: a thread that the system does not give is an error that says so."""

import os
import subprocess
import sys

import pytest
from listening import free_address
from preloaded import library
from sidecar import FREE_PORTS, TOP

UNAVAILABLE, NOT_STARTED = 69, 66
LOGIC = ["--", sys.executable, str(TOP / "examples/bank/python/bank.py")]


@pytest.fixture(scope="module")
def few_threads(tmp_path_factory):
    return library("few_threads", tmp_path_factory.mktemp("library"))


@pytest.fixture
def run(executable, few_threads, tmp_path):
    """Runs `outrider` with so many threads; what it says, once it has ended with that status."""

    def run(threads, status, *arguments):
        environment = dict(os.environ, LD_PRELOAD=str(few_threads), THREADS_MAX=str(threads))
        done = subprocess.run(
            [executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == status, done.stderr
        return done.stderr

    return run


@pytest.mark.parametrize("store", ["sqlite:data", "mongodb://127.0.0.1:1/shop", "memory"])
def test_a_process_that_gets_no_thread_says_so_and_ends(run, store):
    said = run(0, UNAVAILABLE, "run", f"--store={store}", f"--logic-address={free_address()}", *FREE_PORTS)
    assert "no thread could be started" in said and "ulimit -u" in said


def test_logic_that_cannot_be_watched_is_not_started(run):
    said = run(0, NOT_STARTED, "run", "--store=memory", "--domain=bank", *FREE_PORTS, *LOGIC)
    assert "no thread could be started" in said and "ulimit -u" in said


def test_a_client_that_gets_no_thread_says_so(run):
    assert "no thread could be started" in run(0, UNAVAILABLE, "roots", "--address=127.0.0.1:1")
    assert "no thread could be started" in run(0, UNAVAILABLE, "status", "--address=127.0.0.1:1")
