"""What /openapi.json says is what the gateway does: requests of all kinds, made from the description."""

import os
import subprocess
import sys

from sidecar import BANK, TOP, Sidecar

#: Of each operation. `make rest` makes thousands.
CASES = os.environ.get("REST_CASES", "15")


def test_requests_made_from_the_description_are_answered_as_it_says(executable, tmp_path):
    options = [f"--descriptors={TOP}/.generated/bank.pb", "--gateway-deadline=1s"]
    with Sidecar(executable, tmp_path / "data", BANK, options=options) as sidecar:
        run = subprocess.run(
            [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()",
             "--config-file", str(TOP / "Tests/e2e/schemathesis.toml"), "run",
             f"http://{sidecar.addresses['gateway']}/openapi.json", "--phases=fuzzing", "--workers=1",
             f"--max-examples={CASES}", "--request-timeout=30", "--no-color", "--seed=1"],
            cwd=tmp_path, capture_output=True, text=True, timeout=7200)
        assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2000:]
        assert sidecar.process.poll() is None
