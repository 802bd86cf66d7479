"""What goes wrong in the engine, in MongoDB's codes and words."""

import re

import asyncpg

# Code and name by SQLSTATE. DocumentDB numbers its errors M0000, M0001, … in base 36; the rest are PostgreSQL's own.
STATES = {
    "M0000": (1, "InternalError"),
    "M0001": (2, "BadValue"),
    "M0002": (5, "GraphContainsCycle"),
    "M0003": (9, "FailedToParse"),
    "M0004": (14, "TypeMismatch"),
    "M0005": (15, "Overflow"),
    "M0006": (20, "IllegalOperation"),
    "M0007": (23, "AlreadyInitialized"),
    "M0008": (26, "NamespaceNotFound"),
    "M0009": (27, "IndexNotFound"),
    "M000A": (28, "PathNotViable"),
    "M000D": (40, "ConflictingUpdateOperators"),
    "M000E": (43, "CursorNotFound"),
    "M000F": (48, "NamespaceExists"),
    "M000G": (52, "DollarPrefixedFieldName"),
    "M000J": (56, "EmptyFieldName"),
    "M000K": (57, "DottedFieldName"),
    "M000L": (61, "ShardKeyNotFound"),
    "M000M": (66, "ImmutableField"),
    "M000N": (67, "CannotCreateIndex"),
    "M000O": (68, "IndexAlreadyExists"),
    "M000P": (72, "InvalidOptions"),
    "M000Q": (73, "InvalidNamespace"),
    "M000R": (85, "IndexOptionsConflict"),
    "M000S": (86, "IndexKeySpecsConflict"),
    "M000U": (115, "CommandNotSupported"),
    "M000W": (146, "ExceededMemoryLimit"),
    "M000Z": (166, "CommandNotSupportedOnView"),
    "M0010": (167, "OptionNotSupportedOnView"),
    "M0012": (197, "InvalidIndexSpecificationOption"),
    "M0013": (224, "QueryFeatureNotAllowed"),
    "M0015": (241, "ConversionFailure"),
    "M0016": (263, "OperationNotSupportedInTransaction"),
    "M0017": (276, "IndexBuildAborted"),
    "M0018": (291, "UnableToFindIndex"),
    "M001B": (10334, "BSONObjectTooLarge"),
    "M001C": (11000, "DuplicateKey"),
    "M001D": (12587, "BackgroundOperationInProgressForNamespace"),
    "M003A": (17419, "Location17419"),
    "M003B": (17420, "Location17420"),
    "M007R": (40319, "Location40319"),
    "M007U": (40324, "Location40324"),
    "M0088": (40415, "Location40415"),
    "M00CO": (121, "DocumentValidationFailure"),
    "M00DO": (16, "InvalidLength"),
    "M00E7": (13, "Unauthorized"),
    "M00E8": (10107, "NotWritablePrimary"),
    "M00EL": (143, "CursorInUse"),
    "M00ER": (13, "Unauthorized"),
    "M00EW": (24, "LockTimeout"),
    "M00EX": (50, "MaxTimeMSExpired"),
    "M00EY": (59, "CommandNotFound"),
    "M00F0": (91, "ShutdownInProgress"),
    "M00F1": (112, "WriteConflict"),
    "M00F2": (117, "ConflictingOperationInProgress"),
    "M00F5": (225, "TransactionTooOld"),
    "M00F6": (251, "NoSuchTransaction"),
    "M00F7": (256, "TransactionCommitted"),
    "22021": (2, "BadValue"),  # text with a zero byte in it
    "22P02": (2, "BadValue"),
    "22P03": (22, "InvalidBSON"),
    "23505": (11000, "DuplicateKey"),
    "23P01": (11000, "DuplicateKey"),
    "25P02": (251, "NoSuchTransaction"),
    "40001": (112, "WriteConflict"),
    "40P01": (112, "WriteConflict"),
    "42P07": (112, "WriteConflict"),  # two created the same collection at once
    "42704": (11, "UserNotFound"),
    "53100": (14031, "OutOfDiskSpace"),
    "54000": (10334, "BSONObjectTooLarge"),
    "55P03": (112, "WriteConflict"),
    "57014": (50, "MaxTimeMSExpired"),
}
INTERNAL_ERROR = (1, "InternalError")

DUPLICATE_KEY, WRITE_CONFLICT = 11000, 112
TRANSIENT = "TransientTransactionError"
RETRYABLE = "RetryableWriteError"

INDEX_NAME = re.compile(r"[Ii]ndex:? '?([^'\s]+)'?")


class CommandFailed(Exception):
    """Becomes the reply `{ok: 0, code, codeName, errmsg, …}`."""

    def __init__(self, code, name, message, labels=(), **more):
        super().__init__(message)
        self.code, self.name, self.message, self.labels, self.more = code, name, message, list(labels), more

    def document(self):
        document = {"ok": 0.0, "errmsg": self.message, "code": self.code, "codeName": self.name, **self.more}
        if self.labels:
            document["errorLabels"] = self.labels
        return document


class OutcomeUnknown(Exception):
    """The backend went away in the middle of a command. What a driver would see of a MongoDB that crashed: no answer."""


def from_postgres(error):
    """Of an error that the engine raised. Its message's end tells the state where the code cannot."""
    if isinstance(error, (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError)):
        raise OutcomeUnknown(str(error)) from error
    state = error.sqlstate or ""
    if state.startswith("57P"):  # shutting down, or another backend crashed
        raise OutcomeUnknown(str(error)) from error
    code, name = STATES.get(state, INTERNAL_ERROR)
    message = str(error)
    return CommandFailed(code, name, message if state in STATES else f"{message} [{state}]")


def state_of(packed):
    """The engine reports states in write errors as PostgreSQL packs them: six bits a character."""
    return "".join(chr(((packed >> (6 * place)) & 0x3F) + 48) for place in range(5))


def index_of(message):
    """The index that an error of the engine names, if it does."""
    found = INDEX_NAME.search(message)
    return found and found[1]
