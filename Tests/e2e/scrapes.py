"""What processes say at /metrics, with the labels that Prometheus adds."""

import contextlib
import time
from dataclasses import dataclass, field

from client import eventually
from test_metrics import scrape

PATIENCE = 60  # seconds, also for a broker that comes back
#: Gauges, since a process that begins anew goes on with them, but they only grow.
POSITIONS = {"outrider_subscription_head", "outrider_subscription_position"}


@dataclass
class Scrape:
    """Values at one moment, by name and labels."""

    at: float = field(default_factory=time.monotonic)
    values: dict = field(default_factory=dict)
    #: The keys of those that count.
    counters: set = field(default_factory=set)

    def each(self, name, **labels):
        """All values of this name with these labels."""
        return [value for (each, having), value in self.values.items()
                if each == name and labels.items() <= dict(having).items()]

    def total(self, name, **labels):
        """The same, together; None where there is none."""
        found = self.each(name, **labels)
        return sum(found) if found else None

    def follows(self):
        """Whether these processes are the active consumers of all that they follow."""
        active = self.each("outrider_subscription_active")
        return active and all(active)

    def take(self, pod, families):
        added = {"job": "outrider", "namespace": "shop", "pod": pod, "instance": f"{pod}:9464"}
        self.values["up", tuple(added.items())] = 1 if families else 0
        for family in families.values():
            for sample in family.samples:
                key = sample.name, tuple((sample.labels | added).items())
                self.values[key] = sample.value
                if family.type in ("counter", "histogram") or sample.name in POSITIONS:
                    self.counters.add(key)


def read(*sidecars, context=None):
    """Scrapes processes, which are the same pods each time. Of one that does not answer, there is that alone."""
    scraped = Scrape()
    for number, sidecar in enumerate(sidecars):
        families = {}
        with contextlib.suppress(OSError):
            families = scrape(sidecar, context)
        scraped.take(f"outrider-{number}", families)
    return scraped


def once(condition, *sidecars, context=None):
    """The first scrape of which the condition holds."""

    def holds():
        scraped = read(*sidecars, context=context)
        return condition(scraped) and scraped

    return eventually(holds, PATIENCE)


def once_it_is(value, name, *sidecars):
    """The first scrape in which a metric has this value, all its samples together."""
    return once(lambda scraped: scraped.total(name) == value, *sidecars)


def read_twice(act, *sidecars):
    """Scrapes processes after `act`, which is done once more in between."""
    act()
    first = read(*sidecars)
    act()
    return [first, read(*sidecars)]


def read_while_it_grows(sidecar, name, **labels):
    """Two scrapes of a process, each with more of something than there was before."""
    first = once(lambda scraped: scraped.total(name, **labels), sidecar)
    return [first, once(lambda scraped: scraped.total(name, **labels) > first.total(name, **labels), sidecar)]
