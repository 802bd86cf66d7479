"""Has promtool read the metrics of a sidecar that does all it can. Usage: check_metrics.py EXECUTABLE

A family without samples is left out of the page. So the sidecar plays every role, with traffic, a broker, sagas,
certificates and a collector that is away, until all families of the sources are on its page, but for those of `UNSEEN`.
"""

import contextlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
# In place of this directory, whose package `brokers` is another.
sys.path[0] = str(TOP / "Tests/e2e")

from brokers import Kafka  # noqa: E402
from certificates import sign_itself  # noqa: E402
from client import Client, commands  # noqa: E402
from logic import Logic  # noqa: E402
from rest import Rest, bytes_value  # noqa: E402
from sidecar import Sidecar  # noqa: E402

PATIENCE = 60  # seconds
TOPIC = "commands"
#: What this sidecar cannot show, and why.
UNSEEN = {
    "outrider_clock_offset_seconds": "only a MongoDB server has a clock of its own; this store is SQLite",
    "outrider_clock_error_seconds": "the same",
}
FAMILY = re.compile(r'"((?:grpc|messaging|outrider|process)_\w+)",\s*\.(?:counter|gauge|histogram)\b')


def written():
    """The families that the sources write."""
    return {name for file in TOP.glob("Sources/**/*.swift") for name in FAMILY.findall(file.read_text())}


def configure(directory, logic, broker):
    """A file with everything that has figures of its own."""
    sign_itself(directory, "ca")
    credentials = directory / "credentials"
    credentials.write_text("aws_access_key_id = nobody\naws_secret_access_key = nothing\n")
    # Bound and not listened on: nobody else can be there.
    away = socket.socket()
    away.bind(("127.0.0.1", 0))
    nowhere = f"127.0.0.1:{away.getsockname()[1]}"
    file = directory / "outrider.yaml"
    file.write_text(f"""
domains:
  - name: bank
    logic: {{address: "{logic.address}"}}
    projectors: [{{name: balance, address: "{logic.address}"}}]

sagas:
  - {{name: ship, domains: [bank], logic: {{address: "{logic.address}"}}}}

channel: kafka://{broker.uri}?topic={{domain}}-events
command: {{topic: {TOPIC}}}
limit: {{history-warning: 1KiB}}
snapshots: {{store: "s3://bucket?endpoint=http://{nowhere}", credentials-file: {credentials}}}
tls: {{peer-authorities: {directory}/ca.pem}}
traces: {{endpoint: "http://{nowhere}"}}
""")
    return file, away


def work(sidecar):
    """Commands by gRPC, by REST, and by the topic."""
    client, rest, root = Client(sidecar), Rest(sidecar), uuid.uuid4()
    for _ in range(3):
        client.handle(commands(root.bytes, b"x" * 1000))
    rest("POST", f"/v1/domains/bank/aggregates/{root}/commands", bytes_value("x"), Prefer="respond-async")


def page(sidecar):
    return urllib.request.urlopen(f"http://{sidecar.addresses['metrics']}/metrics", timeout=10).read()


def shown(page):
    return set(re.findall(r"^# TYPE (\S+)", page.decode(), re.MULTILINE))


def check(executable, directory):
    """The page, once it shows all that it can; exits where it does not."""
    with contextlib.ExitStack() as ending:
        logic = Logic()
        ending.callback(logic.stop)
        broker = Kafka(directory / "broker").start("--memory")
        ending.callback(broker.kill)
        file, away = configure(directory, logic, broker)
        ending.callback(away.close)
        sidecar = ending.enter_context(Sidecar(
            executable, directory / "data", config=file, options=["--eventuate=true", "--metrics-listen=127.0.0.1:0"]))
        work(sidecar)
        deadline = time.monotonic() + PATIENCE
        expected = written() - UNSEEN.keys()
        while expected - shown(last := page(sidecar)) and time.monotonic() < deadline:
            time.sleep(0.2)
        if missing := expected - shown(last):
            sys.exit(f"not on the page, and not in UNSEEN: {', '.join(sorted(missing))}\n{sidecar.text[-4000:]}")
        if known := UNSEEN.keys() & shown(last) or UNSEEN.keys() - written():
            sys.exit(f"in UNSEEN, but on the page or in no source: {', '.join(sorted(known))}")
        if strange := shown(last) - written():
            sys.exit(f"on the page, but not found in the sources: {', '.join(sorted(strange))}")
        return last


with tempfile.TemporaryDirectory() as scratch:
    checked = check(sys.argv[1], Path(scratch))
sys.exit(subprocess.run(["promtool", "check", "metrics"], input=checked).returncode)
