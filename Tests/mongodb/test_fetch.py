"""The download."""

import pytest
from engine import engine

pytestmark = pytest.mark.usefixtures("ours")


def test_an_archive_that_cannot_be_reached_is_said_and_what_to_do(tmp_path):
    done = engine("fetch", OUTRIDER_CACHE=str(tmp_path), OUTRIDER_DEBIAN_MIRROR="http://127.0.0.1:1/debian")
    assert done.returncode == 1 and done.stdout == ""
    assert "http://127.0.0.1:1/debian could not be reached" in done.stderr
    assert "OUTRIDER_DEBIAN_MIRROR" in done.stderr and "OUTRIDER_TEST_MONGODB_URI" in done.stderr


def test_what_is_there_is_not_fetched_again():
    first, second = engine("fetch"), engine("fetch", OUTRIDER_DEBIAN_MIRROR="http://127.0.0.1:1/debian")
    assert first.stdout == second.stdout and second.returncode == 0
    assert second.stderr == ""
