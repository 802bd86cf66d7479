"""The PostgreSQL server behind the gateway: made, started, stopped and, after a crash, cleared away."""

import asyncio
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import asyncpg

from .leftovers import SOCKETS, STOP_SECONDS, DidNotStart, reap

NOBODY = 65534
START_SECONDS = 120  # recovery after a crash included

# Durable against the death of any process: the kernel has every acknowledged write. Not against the death of the machine,
# which fsync would be for.
SETTINGS = {
    "listen_addresses": "",
    "shared_preload_libraries": "pg_cron,pg_documentdb_core,pg_documentdb",
    "max_connections": "128",
    "shared_buffers": "128MB",
    "fsync": "off",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "deadlock_timeout": "20ms",
    "dynamic_shared_memory_type": "mmap",  # in the data directory, so that a crash leaves nothing outside of it
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "documentdb.useFileBasedPersistedCursors": "on",
    "documentdb.enableBackgroundWorker": "off",
    "cron.database_name": "postgres",
    "cron.launch_active_jobs": "off",
}


class Postgres:
    """One server on the data in `directory`/pg, reached by a socket that only its owner can open."""

    def __init__(self, engine, directory):
        self.engine = Path(engine)
        self.programs = next(self.engine.glob("usr/lib/postgresql/*/bin"))
        self.directory = Path(directory)
        self.data = self.directory / "pg"
        self.log = self.directory / "postgres.log"
        self.sockets = None
        self.process = None

    async def start(self):
        reap(self.directory)
        if not (self.data / "PG_VERSION").exists():
            await self._initialise()
        await self._serve()

    async def _initialise(self):
        """A copy of a cluster that was made once a machine. Atomic, so that one that was cut off is never taken for whole."""
        template, part = self.engine / "template", self.directory / "pg.part"
        with open(self.engine / "template.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not template.exists():
                await self._make(template)
        shutil.rmtree(part, ignore_errors=True)
        run("cp", "-a", template, part)
        part.rename(self.data)

    async def _make(self, template):
        workshop = self.engine / "template.part"
        reap(workshop)
        shutil.rmtree(workshop, ignore_errors=True)
        maker = Postgres(self.engine, workshop)
        maker.data.mkdir(parents=True, mode=0o700)
        if os.geteuid() == 0:
            os.chown(maker.data, NOBODY, NOBODY)
        run(*self._as_user(), self.programs / "initdb", "-D", maker.data, "--username=postgres", "--auth=trust", "--encoding=UTF8",
            "--locale=C", "--no-sync", "--no-instructions", env=ENVIRONMENT, cwd=workshop)
        try:
            await maker._serve()
            connection = await maker._connect()
            await connection.execute("create extension documentdb cascade")
            await connection.close()
        finally:
            await maker.stop()
        maker.data.rename(template)
        shutil.rmtree(workshop)

    async def _serve(self):
        # A socket's path has at most 107 bytes, which the data directory's own may be near already.
        self.sockets = tempfile.mkdtemp(prefix=SOCKETS)
        (self.directory / "sockets").write_text(self.sockets)
        if os.geteuid() == 0:
            os.chown(self.sockets, NOBODY, NOBODY)
        with open(self.log, "ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self._as_user("--pdeathsig", "QUIT"), self.programs / "postgres", "-D", self.data,
                *[f"--{name}={value}" for name, value in self._settings().items()],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=ENVIRONMENT, cwd=self.directory,
                start_new_session=True)  # a terminal's Ctrl-C is for the gateway, which then stops this
        await (await self._connect()).close()

    def _settings(self):
        where = {
            "unix_socket_directories": self.sockets,
            "cron.host": self.sockets,
            "documentdb.localhost_connection_string": f"host={self.sockets}",
        }
        return SETTINGS | where

    @staticmethod
    def _as_user(*options):
        """PostgreSQL refuses to be root, so root becomes nobody, but one that reaches every directory that root does.

        Without the secure bit, access(2) would leave that capability out of account.
        """
        if os.geteuid() == 0:
            options += (f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--securebits=+no_setuid_fixup",
                        "--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override")
        return ["setpriv", *options] if options else []

    async def _connect(self):
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return await asyncpg.connect(host=self.sockets, user="postgres", database="postgres")
            except (OSError, asyncpg.CannotConnectNowError) as error:
                if self.process.returncode is not None or time.monotonic() > deadline:
                    raise DidNotStart("".join(self.log.read_text(errors="replace").splitlines(True)[-10:])) from error
                await asyncio.sleep(0.02)

    async def stop(self):
        """As fast as is clean. Harder if that does not help."""
        for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if self.process is None or self.process.returncode is not None:
                break
            self.process.send_signal(how)
            try:
                await asyncio.wait_for(self.process.wait(), STOP_SECONDS)
            except TimeoutError:
                pass
        reap(self.directory)


ENVIRONMENT = {"PATH": "/usr/bin:/bin", "TZ": "UTC", "LC_ALL": "C"}


def run(*command, **options):
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True, **options)  # a terminal's Ctrl-C is not for this
    if done.returncode:
        raise DidNotStart(done.stdout)
