"""Scrapes of a second become series of an hour, as `promtool test rules` takes them.

Each scrape stands for one of Prometheus's, which come every 15 seconds. A phase (all is well, something is broken, it
is mended) goes on after its last scrape as long as it must. Meanwhile gauges stay as that scrape had them. Counters go
on by the step between the last two scrapes of the phase, once every 15 seconds. Where the two are further apart than
that, the step is made smaller, so no counter grows faster than it did. One that stood still stands still, and so does
one that only the last scrape has. Positions in a log go on as counters do, since they count commits.

What goes on by itself keeps this pace in truth, too: pauses between tries grow to 10 seconds. Calls of a test stand for
those of clients that do not stop.
"""

import json
from collections import defaultdict

INTERVAL = 15  # seconds, of the chart's serviceMonitor
STARTED = "process_start_time_seconds"


def series(phases, lengths, names):
    """What these metrics come to, in phases of so many intervals."""
    moments = list(_moments(phases, lengths))
    keys = sorted({key for moment in moments for key in moment if key[0] in names})
    return [{"series": _written(*key), "values": " ".join(_samples(moments, key))} for key in keys]


def _written(name, labels):
    return name + "{" + ", ".join(f"{label}={json.dumps(value)}" for label, value in labels) + "}"


def _samples(moments, key):
    """Prometheus marks a series as stale that a scrape no longer has."""
    before = None
    for moment in moments:
        value = moment.get(key)
        yield f"{value:f}" if value is not None else "_" if before is None else "stale"
        before = value


def _moments(phases, lengths):
    """All values, once each interval."""
    grown, before = defaultdict(float), {}
    for phase, length in zip(phases, lengths, strict=True):
        for scrape in phase:
            _forget_restarted(grown, before, scrape.values)
            before = scrape.values
            yield {key: value + grown[key] for key, value in before.items()}
        step = _step(*phase[-2:]) if len(phase) > 1 else {}
        for _ in range(length - len(phase)):
            for key, growth in step.items():
                grown[key] += growth
            yield {key: value + grown[key] for key, value in before.items()}


def _forget_restarted(grown, before, now):
    """The counters of a process that was started again begin anew."""
    pods = {dict(key[1])["pod"] for key in now if key[0] == STARTED and now[key] != before.get(key)}
    for key in [key for key in grown if dict(key[1])["pod"] in pods]:
        del grown[key]


def _step(earlier, later):
    """How much each counter grows in an interval."""
    pace = min(1, INTERVAL / (later.at - earlier.at))
    return {key: max(0, later.values[key] - earlier.values[key]) * pace for key in earlier.counters & later.counters}
