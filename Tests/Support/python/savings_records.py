"""The commands, events and states of examples/savings as `google.protobuf.Any`s, and back.

A record is a pair: `record("CashDeposited", amount=500)` is `("CashDeposited", {"amount": 500})`.
"""

import importlib.util
import uuid
from pathlib import Path

from google.protobuf.any_pb2 import Any

PROGRAMS = Path(__file__).resolve().parents[3] / "examples/savings/python"


def _payloads():
    """The example's own module: its folder is on nobody's path."""
    spec = importlib.util.spec_from_file_location("savings_payloads", PROGRAMS / "payloads.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_PAYLOADS = _payloads()


def record(name, **fields):
    return name, fields


def packed(given):
    kind, value = _PAYLOADS.pack(given)
    return Any(type_url=kind, value=value)


def unpacked(payload):
    return _PAYLOADS.unpack(payload.type_url, payload.value)


def account_name(kind, root):
    """As the records have it; `root` has 16 bytes."""
    return {"kind": kind, "root": str(uuid.UUID(bytes=root))}
