"""Has promtool read the metrics of a sidecar that runs. Usage: check_metrics.py EXECUTABLE"""

import subprocess
import sys
import tempfile
import urllib.request

from sidecar import Sidecar

with tempfile.TemporaryDirectory() as data:
    with Sidecar(sys.argv[1], data, options=["--metrics-listen=127.0.0.1:0"]) as sidecar:
        page = urllib.request.urlopen(f"http://{sidecar.addresses['metrics']}/metrics", timeout=10).read()
sys.exit(subprocess.run(["promtool", "check", "metrics"], input=page).returncode)
