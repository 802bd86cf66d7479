"""The README's first service is run as it stands there."""

import os
import re
import subprocess
import sys

from client import Client
from sidecar import TOP


def test_first_service_and_its_client_work_as_printed(start, tmp_path):
    service, client = re.findall(r"```python\n(.*?)```", (TOP / "README.md").read_text(), re.DOTALL)
    program = tmp_path / "shopping.py"
    program.write_text(service)
    sidecar = start(
        logic=[sys.executable, str(program)], domain="shopping",
        options=["--projector-enabled=false"])
    assert "127.0.0.1:1313" in client
    client = client.replace("127.0.0.1:1313", sidecar.addresses["command-handler"])
    ask = subprocess.run([sys.executable, "-c", client], capture_output=True, text=True, timeout=30)
    assert ask.returncode == 0, ask.stderr
    assert "StringValue" in ask.stdout
    assert len(Client(sidecar).roots()) == 1


def test_first_service_is_asked_by_the_command_line_as_printed(executable, start, tmp_path):
    text = (TOP / "README.md").read_text()
    (service, _), (script,) = (
        re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL) for language in ("python", "sh"))
    program = tmp_path / "shopping.py"
    program.write_text(service)
    sidecar = start(
        logic=[sys.executable, str(program)], domain="shopping",
        options=["--projector-enabled=false"])
    ports = {
        f"OUTRIDER_PORT_{role.upper().replace('-', '_')}": address.split(":")[1]
        for role, address in sidecar.addresses.items()}
    ask = subprocess.run(
        ["bash", "-ec", f"outrider() {{ {executable} \"$@\"; }}\n{script}"], capture_output=True,
        text=True, timeout=30, cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"], **ports})
    assert ask.returncode == 0, ask.stderr
    assert ask.stdout.count('google.protobuf.StringValue "bread"') == 2
