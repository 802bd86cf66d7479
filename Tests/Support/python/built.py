"""What `swift build` made: the programs that tests run."""

import os

import pytest
from sidecar import TOP


def built(product, variable="OUTRIDER_TEST_EXECUTABLE"):
    """The program that the variable names, else the one of the debug build."""
    path = TOP / os.environ.get(variable, f".build/debug/{product}")
    assert path.exists(), f"{path} is not built: swift build --product {product}"
    return path


@pytest.fixture(scope="session")
def executable():
    return built("outrider")
