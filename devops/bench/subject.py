"""What a row measures."""

from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from sidecar import TOP, Sidecar

#: Where rows keep their data, on the disk of the tree.
SCRATCH = TOP / ".generated/bench"
RELEASE = TOP / ".build/release"
PEERS = SCRATCH / "peers"


@dataclass(frozen=True)
class Subject:
    """An executable of Outrider, and where its figures go."""

    report: Callable[[str, str, float], None]  # of a measure, who, and the figure
    executable: Path = RELEASE / "outrider"
    beside_peers: bool = True

    def sidecar(self, data, **how):
        """As `Sidecar` takes it."""
        return Sidecar(self.executable, data, **how)

    def note(self, measure, figure, who="Outrider"):
        self.report(measure, who, figure)

    def note_load(self, name, result, who="Outrider"):
        """What each call of a load cost."""
        self.note(f"{name}: server CPU, µs each", result["server_cpu_us"], who)
        self.note(f"{name}: p50, ms", result["p50_ms"], who)
        self.note(f"{name}: p99, ms", result["p99_ms"], who)
