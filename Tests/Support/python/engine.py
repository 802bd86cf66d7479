"""A MongoDB-compatible engine that its user owns, so that it can be crashed, or be started with options."""

import os
import subprocess
import sys
from pathlib import Path

from pymongo import MongoClient

TOP = Path(__file__).resolve().parents[3]
SCRIPT = TOP / "devops/mongodb/engine.sh"


def engine(*arguments, **environment):
    """Runs engine.sh to its end."""
    return subprocess.run(
        [SCRIPT, *map(str, arguments)], env=os.environ | environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)


class Engine:
    def __init__(self, directory):
        self.directory = directory
        self.uri = None

    def start(self, *options):
        done = engine("start", self.directory, *options)
        assert done.returncode == 0, done.stderr
        self.uri = done.stdout.strip()
        return self

    def stop(self):
        assert engine("stop", self.directory).returncode == 0

    def kill(self):
        assert engine("kill", self.directory).returncode == 0

    def client(self, **options):
        return MongoClient(self.uri, **({"serverSelectionTimeoutMS": 10_000} | options))

    @property
    def pid(self):
        return int((self.directory / "pid").read_text())

    def postgres(self):
        """The processes of its PostgreSQL server, the one that started the others first."""
        sys.path.insert(0, str(TOP / "devops/mongodb"))
        try:
            from gateway.leftovers import processes
        finally:
            sys.path.pop(0)
        return sorted(processes(self.directory))
