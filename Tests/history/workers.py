"""Processes that write or follow a log, and the histories that they leave."""

import signal
import subprocess
from random import Random


class Worker:
    """A process that can be killed and started again. All its lives write one history."""

    def __init__(self, executable, store, directory, name):
        self.executable, self.store, self.name = executable, store, name
        self.path = directory / f"{name}.history"
        self.complaints = directory / f"{name}.complaints"
        self.process = None

    def start(self):
        with open(self.path, "ab") as history, open(self.complaints, "ab") as complaints:
            self.process = subprocess.Popen(
                [self.executable, *self.arguments(), "--store", self.store],
                stdout=history, stderr=complaints)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    @property
    def complaint(self):
        """The last thing that it complained about."""
        return "".join(self.complaints.read_text().splitlines()[-1:])

    @property
    def history(self):
        if not self.path.exists():
            return []
        return [tuple(line.split()) for line in self.path.read_text().splitlines()]


class Writer(Worker):
    """Each life does something else: what it does follows from its number and the run's seed."""

    def __init__(self, executable, store, directory, name, seed):
        super().__init__(executable, store, directory, name)
        self.random = Random(f"{seed} {name}")

    def arguments(self):
        return ["write", "--seed", str(self.random.getrandbits(64))]

    def finish(self):
        """Lets it bring to an end what it has begun."""
        self.go_on()
        self.process.terminate()
        code = self.process.wait(60)
        # One that has only just been started does not listen yet: it dies with nothing begun.
        assert code in (0, -signal.SIGTERM), f"{self.name} failed with {code}: {self.complaint}"


class Follower(Worker):
    """Each life begins behind the last position that the one before has seen."""

    @property
    def last_position(self):
        history = self.history
        return int(history[-1][1]) if history else 0

    def arguments(self):
        return ["follow", "--after", str(self.last_position)]
