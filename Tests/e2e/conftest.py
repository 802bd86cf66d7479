import contextlib
import os
import subprocess
from pathlib import Path

import pytest
from client import Client
from ending import end
from logic import Logic
from sidecar import TOP, Sidecar


@pytest.fixture(scope="session")
def executable():
    path = Path(os.environ.get("OUTRIDER_TEST_EXECUTABLE", ".build/debug/outrider"))
    path = path if path.is_absolute() else TOP / path
    assert path.exists(), f"{path} is not built: make build"
    return path


@pytest.fixture
def start(executable, tmp_path):
    """Starts sidecars, and leaves none behind. All share one data directory unless told otherwise."""
    started = []

    def start(*, data=tmp_path / "data", **settings):
        started.append(Sidecar(executable, data, **settings))
        return started[-1].start()

    yield start
    with contextlib.ExitStack() as ending:
        for sidecar in started:
            ending.callback(end, sidecar)


@pytest.fixture(scope="module")
def shared(executable, tmp_path_factory):
    """One sidecar and its logic for all tests of a module, each with aggregates of its own."""
    logic = Logic()
    options = ["--projector-synchronous=true"]
    data = tmp_path_factory.mktemp("data")
    with Sidecar(executable, data, address=logic.address, options=options) as sidecar:
        yield sidecar, logic
        end(sidecar)
    logic.stop()


@pytest.fixture
def logic(shared):
    shared[1].reset()
    return shared[1]


@pytest.fixture
def client(shared, logic):
    return Client(shared[0])


def openssl(directory, *arguments):
    subprocess.run(["openssl", *map(str, arguments)], cwd=directory, check=True, capture_output=True)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """An authority, certificates of servers at an address and under a name, and of two clients."""
    directory = tmp_path_factory.mktemp("certificates")
    openssl(directory, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=authority", "-days", 2)
    alternatives = {"server": "IP:127.0.0.1", "named": "DNS:peer.test", "web": "URI:spiffe://shop/web",
                    "other": "DNS:other"}
    for name, names in alternatives.items():
        (directory / "names").write_text(f"subjectAltName={names}")
        openssl(directory, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        openssl(directory, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-out", f"{name}.pem", "-days", 2, "-extfile", "names")
    return directory
