"""The stores of a run, and how each can be away for a while."""

import fcntl
import sqlite3
import time

from mongodb import own_engine, store_of

from .processes import DOMAIN


#: The calls that Outrider makes of MongoDB while it works.
COMMANDS = ["insert", "update", "delete", "findAndModify", "find", "aggregate", "getMore"]


class SQLiteStore:
    """A directory that all processes share. It is away while another program holds the file's write lock."""

    name, partitions = "sqlite", 1
    #: What else can go wrong with it.
    kinds = []

    def __init__(self, directory):
        self.data = directory / "data"
        self.locker = None

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.come_back()

    def go_away(self, fault):
        """False where the lock is another's now, which may be one that stands still: to be tried again."""
        if not self.locker:
            locker = sqlite3.connect(self.data / f"{DOMAIN}.db", timeout=0, isolation_level=None)
            try:
                locker.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                locker.close()
                return False
            self.locker = locker
        return True

    def come_back(self):
        if self.locker:
            self.locker.execute("ROLLBACK")
            self.locker.close()
            self.locker = None

    @property
    def is_away(self):
        return self.locker is not None

    def can_be_written(self, seconds=0.5):
        """Whether no process that stands still holds the lock that all who write take turns with."""
        deadline = time.monotonic() + seconds
        with open(self.data / f"{DOMAIN}.db.lock") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return True
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        return False
                    time.sleep(0.001)


class MongoStore:
    """A database of an engine of its own, which is killed, or stopped, and started again."""

    name, partitions = "mongodb", 2
    kinds = ["lose_answers", "refuse_calls"]

    def __init__(self, directory):
        self.engine_of_run = own_engine(directory / "engine")
        self.is_away = False

    def __enter__(self):
        self.engine = self.engine_of_run.__enter__()
        self.data = store_of(self.engine)
        return self

    def __exit__(self, *failure):
        self.engine_of_run.__exit__(*failure)

    def go_away(self, fault):
        if not self.is_away:
            self.is_away = True
            self.engine.kill() if fault.victim % 2 else self.engine.stop()
        return True

    def come_back(self):
        if self.is_away:
            self.engine.start()
            self.is_away = False

    def can_be_written(self):
        """A process that stands still holds up nobody else."""
        return True

    def lose_answers(self, fault):
        """Calls are done, but whoever made them does not hear of it."""
        self.fail(fault, afterCommand=True)

    def refuse_calls(self, fault):
        """Calls are not done, and whoever made them does not hear that."""
        self.fail(fault)

    def fail(self, fault, **how):
        if self.is_away:
            return
        with self.engine.client() as client:
            client.admin.command({
                "configureFailPoint": "failCommand", "mode": {"times": 1 + fault.victim % 5},
                "data": {"failCommands": COMMANDS, "closeConnection": True, **how}})
