"""What can go wrong, as callers tell it apart."""

import grpc

__all__ = ["Code", "Conflict", "Refused", "Unavailable"]

#: gRPC's status codes.
Code = grpc.StatusCode


class Refused(Exception):
    """A command is not carried out, and will not be.

    Logic raises it to refuse; the client gets the code and the message, and nothing is stored.
    """

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(f"{code.name}: {message}")
        self.code = code
        self.message = message


class Conflict(Refused):
    """The aggregate does not stand where the caller expected it. Read it again, then decide again."""

    def __init__(self, message: str) -> None:
        super().__init__(Code.FAILED_PRECONDITION, message)


class Unavailable(Exception):
    """A call did not succeed in time, though it was tried again.

    Whether a command was stored is not known. Send it again with `command_id`: it happens once.
    """

    def __init__(self, message: str, command_id: str = "") -> None:
        super().__init__(message)
        self.command_id = command_id
