"""What every framework must agree on."""

import json
import uuid

import outrider
from readme import TOP


def test_derived_id_is_the_same_in_every_framework() -> None:
    samples = json.loads((TOP / "clients/derived-ids.json").read_text())
    assert samples
    for sample in samples:
        event = outrider.Event(
            sample["domain"], uuid.UUID(sample["root"]), sample["sequence"], subscription=sample["subscription"])
        assert str(event.derived_id(sample["step"])) == sample["id"]
