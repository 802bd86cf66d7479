"""What a client can ask for, by name. Checks first, in MongoDB's order; then the engine, or an answer from here."""

import asyncio
import contextlib
import functools
import sys
import traceback

import asyncpg
from bson import decode, encode
from bson.errors import BSONError

from . import concerns, wire
from .cursors import FIRST_PAGES, Cursors
from .duplicates import Indexes
from .errors import TRANSIENT, WRITE_CONFLICT, CommandFailed, OutcomeUnknown, from_postgres
from .failpoints import ConnectionClosed, FailPoints
from .retries import Retries
from .scram import Scram
from .topology import BUILD, Topology
from .transactions import OPEN_MAX, Transactions
from .writes import ENVELOPE, FIELDS, Writes

CLEAN_EVERY = 60  # seconds

# Those that write need a primary; those before a login do not need one; the rest reads.
WRITES = {
    "insert", "update", "delete", "findAndModify", "findandmodify", "create", "createIndexes", "drop", "dropDatabase", "dropIndexes",
    "deleteIndexes", "collMod", "renameCollection", "commitTransaction", "abortTransaction",
}
INDEX_CHANGES = {"create", "createIndexes", "drop", "dropDatabase", "dropIndexes", "deleteIndexes", "collMod", "renameCollection"}
BEFORE_LOGIN = {
    "hello", "isMaster", "ismaster", "ping", "buildInfo", "buildinfo", "saslStart", "saslContinue", "logout", "endSessions",
    "connectionStatus", "whatsmyuri",
}
RETRYABLE = set(FIELDS) | {"findAndModify", "findandmodify"}
IN_TRANSACTION = set(FIELDS) | {"findAndModify", "findandmodify", "find", "aggregate", "getMore", "distinct", "killCursors"}


class Commands:
    def __init__(self, backends, port, arguments):
        self.backends = backends
        self.scram = Scram(arguments.user, arguments.password) if arguments.user else None
        self.topology = Topology(port, arguments.user, arguments.clock_offset)
        self.transactions = Transactions(type(backends)(backends.sockets, OPEN_MAX))
        self.cursors = Cursors()
        self.indexes = Indexes()
        self.writes = Writes(backends, self.indexes)
        self.retries = Retries()
        self.fail_points = FailPoints()
        self.parameters = {
            "transactionLifetimeLimitSeconds": (self.transactions, "lifetime", 1),
            "cursorTimeoutMillis": (self.cursors, "idle_seconds", 1000),
        }

    async def handle(self, connection, command):
        """The reply, a document or the bytes of one. Every failure is a reply, save those that must close the connection."""
        try:
            run = functools.partial(self._checked, connection, command)
            failing = self.fail_points.hit(connection, command)
            return await (self.fail_points.fail(failing, run) if failing else run())
        except CommandFailed as error:
            failure = error
        except (OutcomeUnknown, ConnectionClosed, wire.BadMessage):
            raise
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            failure = from_postgres(error)
        except (BSONError, KeyError, TypeError, ValueError, AttributeError, UnicodeError, RecursionError) as error:
            # Fields that are missing or of the wrong type. The stack tells if it is rather a fault of ours.
            traceback.print_exc(limit=-2, file=sys.stderr)
            failure = CommandFailed(9, "FailedToParse", f"{command.name}: {type(error).__name__}: {error}")
        if failure.code == WRITE_CONFLICT and command.document.get("autocommit") is False and TRANSIENT not in failure.labels:
            failure.labels.append(TRANSIENT)
        return failure.document()

    async def _checked(self, connection, command):
        document, name = command.document, command.name
        if name in INFORMATION:
            if "client" in document and not connection.app:
                connection.app = document["client"].get("application", {}).get("name")
            return INFORMATION[name](self, connection, document)
        if name not in COMMANDS:
            raise CommandFailed(59, "CommandNotFound", f"no such command: '{name}'")
        if self.scram and not connection.user and name not in BEFORE_LOGIN:
            raise CommandFailed(13, "Unauthorized", f"Command {name} requires authentication")
        large = wire.largest(command)
        if large and len(large) > wire.COMMAND_BYTES_MAX:
            raise CommandFailed(
                10334, "BSONObjectTooLarge", f"BSONObj size: {len(large)} (0x{len(large):X}) is invalid."
                f" Size must be between 0 and {wire.COMMAND_BYTES_MAX}(16MB)")
        preference = document.get("$readPreference")
        if name in DATA:
            self.topology.check(name in WRITES, preference is not None and preference.get("mode", "primary") != "primary")
        concerns.check_read(document)
        problem = concerns.check_write(document)
        reply = await COMMANDS[name](self, connection, command)
        if problem:
            reply = (decode(reply) if isinstance(reply, bytes) else reply) | {"writeConcernError": problem}
        return reply

    # Logging in

    def _sasl_start(self, connection, document):
        mechanism = document.get("mechanism")
        if not self.scram or mechanism != "SCRAM-SHA-256":
            raise CommandFailed(334, "MechanismUnavailable", f"Received authentication for mechanism {mechanism} which is not enabled")
        connection.conversation = self.scram.begin(document["payload"])
        return {"conversationId": 1, "done": False, "payload": connection.conversation.first.encode(), "ok": 1.0}

    def _sasl_continue(self, connection, document):
        conversation, connection.conversation = connection.conversation, None
        if connection.user and not document["payload"]:  # the empty exchange of older drivers
            return {"conversationId": 1, "done": True, "payload": b"", "ok": 1.0}
        if not conversation:
            raise CommandFailed(17, "ProtocolError", "No SASL session state found")
        proof = conversation.finish(document["payload"])
        connection.user = self.scram.user
        return {"conversationId": 1, "done": False, "payload": proof.encode(), "ok": 1.0}

    # Reading and writing

    async def _data(self, connection, command):
        """In a transaction on its own backend, else on any."""
        document = command.document
        database = document.get("$db")
        if not isinstance(database, str) or not database:
            raise CommandFailed(40571, "Location40571", "OP_MSG requests require a $db argument")
        if document.get("autocommit") is False:
            return await self._in_transaction(database, command)
        if command.name in RETRYABLE and "txnNumber" in document and "lsid" in document:
            session, number = session_of(document), document["txnNumber"]
            # A record by the engine doubles the time of a small write, and an insert that is done twice is refused anyway.
            key = None if command.name == "insert" else f"{session.hex()}:{number}"
            write = functools.partial(self._alone, database, command, key)
            return await self.retries.once(session, number, write)
        return await self._alone(database, command, None)

    async def _alone(self, database, command, retry_key):
        """On any backend, and after those that it must not meet there."""
        lock = self.writes.lock_for(database, command) or contextlib.nullcontext()
        async with lock, self.backends.lent() as backend:
            return await self._run(backend, database, command, retry_key, None)

    async def _in_transaction(self, database, command):
        document = command.document
        session, number = session_of(document), document["txnNumber"]
        if document.get("startTransaction"):
            await self.transactions.begin(session, number)
        transaction = self.transactions.find(session, number)
        if command.name not in IN_TRANSACTION:
            await self.transactions.abort(session)
            raise CommandFailed(
                263, "OperationNotSupportedInTransaction", f"Cannot run '{command.name}' in a multi-document transaction.")
        try:
            async with transaction.turn:
                reply = await self._run(transaction.backend, database, command, None, transaction)
        except BaseException:  # as in MongoDB, any failure ends the transaction
            await self.transactions.abort(session)
            raise
        if isinstance(reply, dict) and reply.get("writeErrors"):
            await self.transactions.abort(session)
        return reply

    async def _run(self, backend, database, command, retry_key, transaction):
        seconds = self.cursors.seconds_left(command) if command.name == "getMore" else time_limit(command.document)
        try:
            async with asyncio.timeout(seconds):
                return await self._run_within(backend, database, command, retry_key, transaction, seconds)
        except TimeoutError:
            raise CommandFailed(50, "MaxTimeMSExpired", "operation exceeded time limit") from None

    async def _run_within(self, backend, database, command, retry_key, transaction, seconds):
        name, document = command.name, command.document
        if name in FIELDS:
            return await self.writes.write(backend, database, command, retry_key, transaction)
        if name in ("findAndModify", "findandmodify"):
            return await self.writes.find_and_modify(backend, database, command, retry_key, transaction)
        if name in FIRST_PAGES:
            return await self.cursors.first_page(backend, database, command, seconds)
        if name == "getMore":
            return await self.cursors.next_page(backend, database, command)
        if name == "killCursors":
            return await self.cursors.kill(backend, document["cursors"])
        if name in INDEX_CHANGES:
            self.indexes.forget()
        return await SQL[name](backend, database, document, command.raw)

    async def _end_transaction(self, connection, command):
        session, number = session_of(command.document), command.document["txnNumber"]
        if command.name == "commitTransaction":
            await self.transactions.commit(session, number)
        else:
            self.transactions.find(session, number)
            await self.transactions.abort(session)
        return {"ok": 1.0}

    async def _end_sessions(self, connection, command):
        for session in command.document[command.name]:
            await self.transactions.abort(bytes(session["id"]))
        return {"ok": 1.0}

    # Running the server

    async def _step_down(self, connection, command):
        self.topology.step_down(command.document["replSetStepDown"])
        await self.transactions.abort_all()
        return {"ok": 1.0}

    async def _fail_point(self, connection, command):
        return self.fail_points.configure(command.document)

    async def _set_parameter(self, connection, command):
        for name, (holder, attribute, scale) in self.parameters.items():
            if name in command.document:
                was = getattr(holder, attribute)
                setattr(holder, attribute, command.document[name] / scale)
                return {"was": was * scale, "ok": 1.0}
        raise CommandFailed(72, "InvalidOptions", f"the parameters here are {', '.join(self.parameters)}")

    async def _get_parameter(self, connection, command):
        values = {name: getattr(holder, attribute) * scale for name, (holder, attribute, scale) in self.parameters.items()}
        return {"featureCompatibilityVersion": {"version": BUILD["version"][:3]}} | values | OK

    async def _server_status(self, connection, command):
        return {
            "version": BUILD["version"], "process": "outrider-mongodb-gateway",
            "transactions": {"currentOpen": len(self.transactions.open)},
            "metrics": {"cursor": {"open": {"total": len(self.cursors.open)}}, "operation": {"writeConflicts": self.writes.retried}},
            "ok": 1.0,
        }

    async def reap(self, seconds):
        await self.transactions.reap()
        await self.cursors.reap(self.backends)
        if seconds % CLEAN_EVERY == CLEAN_EVERY - 1:
            async with self.backends.lent() as backend:
                await self.cursors.clean(backend)
                await backend.execute("delete from documentdb_data.retryable_writes where write_time < now() - interval '30 minutes'")

    def close(self):
        self.backends.close()
        self.transactions.backends.close()


def session_of(document):
    identity = document["lsid"]["id"]
    if not isinstance(identity, bytes):
        raise CommandFailed(14, "TypeMismatch", "BSON field 'lsid.id' is the wrong type, expected type 'binData'")
    if not isinstance(document.get("txnNumber", 0), int):
        raise CommandFailed(14, "TypeMismatch", "BSON field 'txnNumber' is the wrong type, expected type 'long'")
    return bytes(identity)


def time_limit(document):
    """Seconds, or None."""
    milliseconds = document.get("maxTimeMS", 0)
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, (int, float)) or not 0 <= milliseconds < 1 << 31:
        raise CommandFailed(2, "BadValue", f"maxTimeMS is {milliseconds}, and must be a number of milliseconds")
    return milliseconds / 1000 or None


def bare(document):
    return encode({key: value for key, value in document.items() if key not in ENVELOPE})


# What the engine answers as it is


def asks(sql, *arguments):
    """A command that is one call. Its arguments are those named, of database, raw, bare and collection."""

    async def run(backend, database, document, raw):
        known = {"database": database, "raw": raw}
        if "collection" in arguments:
            known["collection"] = document[next(iter(document))]
        if "bare" in arguments:
            known["bare"] = bare(document)
        return await backend.fetchval(sql, *[known[each] for each in arguments])

    return run


async def create_indexes(backend, database, document, raw):
    result = decode(await backend.fetchval(
        "select documentdb_api_internal.create_indexes_non_concurrently($1, $2, true)", database, bare(document)))
    return result.get("raw", {}).get("defaultShard", {}) | {"ok": float(result.get("ok", 1))}


async def drop_indexes(backend, database, document, raw):
    result = decode(await backend.fetchval("call documentdb_api.drop_indexes($1, $2, null)", database, bare(document)))
    return result | {"ok": float(bool(result.get("ok")))}


async def drop(backend, database, document, raw):
    collection = document["drop"]
    if not await backend.fetchval("select documentdb_api.drop_collection($1, $2)", database, collection):
        raise CommandFailed(26, "NamespaceNotFound", "ns not found")
    return {"ns": f"{database}.{collection}", "ok": 1.0}


async def drop_database(backend, database, document, raw):
    await backend.fetchval("select documentdb_api.drop_database($1)", database)
    return {"dropped": database, "ok": 1.0}


SQL = {
    "count": asks("select documentdb_api.count_query($1, $2)", "database", "raw"),
    "distinct": asks("select documentdb_api.distinct_query($1, $2)", "database", "raw"),
    "create": asks("select documentdb_api.create_collection_view($1, $2)", "database", "bare"),
    "collMod": asks("select documentdb_api.coll_mod($1, $2, $3)", "database", "collection", "bare"),
    "collStats": asks("select documentdb_api.coll_stats($1, $2)", "database", "collection"),
    "dbStats": asks("select documentdb_api.db_stats($1)", "database"),
    "validate": asks("select documentdb_api.validate($1, $2)", "database", "raw"),
    "listDatabases": asks("select documentdb_api.list_databases($1)", "bare"),
    "renameCollection": asks("select documentdb_api.rename_collection($1)", "bare"),
    "createIndexes": create_indexes,
    "dropIndexes": drop_indexes,
    "deleteIndexes": drop_indexes,
    "drop": drop,
    "dropDatabase": drop_database,
}
DATA = set(SQL) | set(FIELDS) | set(FIRST_PAGES) | {"findAndModify", "findandmodify", "getMore", "killCursors"}

OK = {"ok": 1.0}
INFORMATION = {
    "hello": lambda self, connection, document: self.topology.hello(document, connection.number, "isWritablePrimary"),
    "isMaster": lambda self, connection, document: self.topology.hello(document, connection.number, "ismaster"),
    "ping": lambda self, connection, document: OK,
    "buildInfo": lambda self, connection, document: BUILD,
    "whatsmyuri": lambda self, connection, document: {"you": "127.0.0.1", "ok": 1.0},
    "connectionStatus": lambda self, connection, document: {
        "authInfo": {
            "authenticatedUsers": [{"user": connection.user, "db": "admin"}] if connection.user else [],
            "authenticatedUserRoles": []},
        "ok": 1.0},
    "saslStart": Commands._sasl_start,
    "saslContinue": Commands._sasl_continue,
    "logout": lambda self, connection, document: (setattr(connection, "user", None), OK)[1],
}
INFORMATION |= {"ismaster": INFORMATION["isMaster"], "buildinfo": INFORMATION["buildInfo"]}

COMMANDS = dict.fromkeys(DATA, Commands._data) | {
    "commitTransaction": Commands._end_transaction,
    "abortTransaction": Commands._end_transaction,
    "endSessions": Commands._end_sessions,
    "killSessions": Commands._end_sessions,
    "refreshSessions": lambda self, connection, command: answer(OK),
    "startSession": lambda self, connection, command: answer(OK),
    "getParameter": Commands._get_parameter,
    "setParameter": Commands._set_parameter,
    "serverStatus": Commands._server_status,
    "replSetStepDown": Commands._step_down,
    "configureFailPoint": Commands._fail_point,
}


async def answer(document):
    return document
