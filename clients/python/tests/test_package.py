"""What `pip install clients/python` installs."""

import shutil
import subprocess
import sys
from pathlib import Path

from readme import TOP

PROGRAM = """
import outrider, outrider.testing, evented.evented_pb2_grpc, outrider.v1.saga_pb2_grpc, outrider.v1.commands_pb2
print(outrider.__file__)
"""


def test_installed_package_has_the_framework_the_stubs_and_their_types(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    shutil.copytree(TOP / "clients/python", source, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
         "--no-build-isolation", "--target", str(target), str(source)], check=True, timeout=60)
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, env={"PYTHONPATH": str(target)})
    assert ran.stdout.strip() == str(target / "outrider/__init__.py"), ran.stderr
    for file in ("outrider/py.typed", "evented/py.typed", "evented/evented_pb2.pyi", "outrider/v1/saga_pb2.pyi"):
        assert (target / file).exists(), file
