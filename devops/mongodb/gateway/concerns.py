"""Read concern and write concern: checked as MongoDB does, then met, since there is but one member and it is always current."""

from .errors import CommandFailed

READ_LEVELS = {"local", "available", "majority", "linearizable", "snapshot"}
MEMBERS_MAX = 50


def check_read(document):
    concern = document.get("readConcern")
    if concern is None:
        return
    if not hasattr(concern, "items"):
        raise CommandFailed(14, "TypeMismatch", "BSON field 'readConcern' is the wrong type, expected type 'object'")
    level = concern.get("level", "local")
    if level not in READ_LEVELS:
        raise CommandFailed(
            2, "BadValue", f"Enumeration value '{level}' for field 'readConcern.level' is not a valid value.")


def check_write(document):
    """The error to report beside the command's result, or None."""
    concern = document.get("writeConcern")
    if concern is None:
        return None
    if not hasattr(concern, "items"):
        raise CommandFailed(14, "TypeMismatch", "BSON field 'writeConcern' is the wrong type, expected type 'object'")
    members = concern.get("w", 1)
    if not isinstance(concern.get("j", False), (bool, int, float)):
        raise CommandFailed(14, "TypeMismatch", "BSON field 'writeConcern.j' is the wrong type")
    if isinstance(members, str):
        if members == "majority":
            return None
        return {"code": 79, "codeName": "UnknownReplWriteConcern",
                "errmsg": f"No write concern mode named '{members}' found in replica set configuration"}
    if isinstance(members, bool) or not isinstance(members, (int, float)) or not 0 <= members <= MEMBERS_MAX:
        raise CommandFailed(9, "FailedToParse", f"w has to be a number between 0 and {MEMBERS_MAX}, or a string, and is {members}")
    if members > 1:
        return {"code": 100, "codeName": "UnsatisfiableWriteConcern", "errmsg": "Not enough data-bearing nodes"}
    return None
