"""How a test parts with its sidecars."""

import os

#: Where memory is checked, sidecars end as they should, since only then they look for what leaked.
CHECKS_MEMORY = "ASAN_OPTIONS" in os.environ


def end(sidecar):
    """Leaves nothing behind."""
    if CHECKS_MEMORY and sidecar.process.poll() is None:
        sidecar.process.terminate()
        sidecar.process.wait(60)
        sidecar.reader.join(10)
    sidecar.__exit__()
    assert "AddressSanitizer" not in sidecar.text, sidecar.text[-8000:]
