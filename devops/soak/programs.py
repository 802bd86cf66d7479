"""Starts the interoperability programs, and ends them."""

import subprocess
import time


class Server:
    """An interop-server on a port, any free one at first."""

    def __init__(self, build, environment=None):
        self.build, self.environment, self.port = build, environment, 0
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [self.build / "interop-server", f"--port={self.port}"], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env=self.environment)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"interop-server did not start: {self.process.stderr.read()}")
        self.port = int(line.rsplit(":", 1)[1])

    def restart(self):
        self.process.kill()
        self.process.communicate()
        time.sleep(0.2)
        self.start()

    def stop(self):
        """Ends it as an operator would; what it wrote, and how it ended."""
        self.process.terminate()
        _, errors = self.process.communicate(timeout=30)
        return errors, self.process.returncode


def client(build, port, case, seconds=60, failures_max=0, environment=None):
    return subprocess.Popen(
        [build / "interop-client", f"--server_port={port}", f"--test_case={case}",
         f"--soak_overall_timeout_seconds={seconds}", f"--soak_max_failures={failures_max}"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
