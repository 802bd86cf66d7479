"""What can go wrong with a MongoDB server, and with the way to it."""

import os
from contextlib import contextmanager
from urllib.parse import urlsplit

from engine import Engine
from faults import WorkerFaults


@contextmanager
def own_engine(directory):
    """An engine that may be killed: nobody else uses it."""
    engine = Engine(directory).start(f"--owner={os.getpid()}")
    try:
        yield engine
    finally:
        engine.kill()


def store_of(engine):
    return urlsplit(engine.uri)._replace(path="/history").geturl()


def server_faults(engine):
    """The faults of a run on this engine."""

    class ServerFaults(WorkerFaults):
        kinds = WorkerFaults.kinds * 2 + ["kill_server", "lose_answers", "refuse_inserts", "leave_a_hole"]

        def kill_server(self, fault):
            engine.kill()
            engine.start()

        def lose_answers(self, fault):
            """Inserts are done, but their writers do not hear of it."""
            self.fail("insert", afterCommand=True, closeConnection=True)

        def refuse_inserts(self, fault):
            """Inserts are not done, and their writers do not hear that."""
            self.fail("insert", closeConnection=True)

        def leave_a_hole(self, fault):
            """A writer dies between reserving its positions and using them."""
            self.fail("insert", blockConnection=True, blockTimeMS=int(fault.seconds * 1000))
            self.later(fault.seconds, lambda: self.kill_writer(fault))

        def fail(self, command, times=3, **how):
            with engine.client() as client:
                client.admin.command({
                    "configureFailPoint": "failCommand", "mode": {"times": times},
                    "data": {"failCommands": [command], **how}})

    return ServerFaults
