"""Has Prometheus's own promtool judge by the chart's rules what was scraped of real processes.

A test scrapes its processes while all is well, while something is broken, and, where that is cheap, once it is mended.
promtool gets the samples of these scrapes and no others; `stretched` tells how they come to last as long as the rules
wait and look back.
"""

import functools
import json
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import yaml
from sidecar import TOP
from stretched import INTERVAL, series

RULES = TOP / "devops/helm/outrider/files/alerts.yaml"
#: What the machine of the tests may fire while all is well with what they start.
OF_THE_MACHINE = {"OutriderDiskFills"}
SECONDS = {"s": 1, "m": 60, "h": 3600}

rules = {rule["alert"]: rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]}
names = set(re.findall(r"\b(?:up|(?:outrider|grpc|process)_\w+)", " ".join(rule["expr"] for rule in rules.values())))


@dataclass
class Observed:
    """What was scraped while all was well, while something was broken, and after that."""

    well: list
    broken: list = ()
    mended: list = ()


def fires(*alerts):
    """The test returns what it `Observed`: that fires these alerts while it is broken, and at no other time."""

    def decorate(test):
        @functools.wraps(test)
        def judged(*arguments, **fixtures):
            judge(alerts, test(*arguments, **fixtures))

        judged.alerts = alerts
        return judged

    return decorate


def judge(alerts, observed):
    """Fails with what promtool says. While all is well, no other alert may fire either."""
    phases = [phase for phase in (observed.well, observed.broken, observed.mended) if phase]
    enough = max(map(_patience, alerts)) // INTERVAL + 2
    lengths = [max(len(phase), enough) for phase in phases]
    ends = [INTERVAL * (sum(lengths[:number]) - 1) for number in range(1, len(lengths) + 1)]
    expected = [_never(rules.keys() - OF_THE_MACHINE | set(alerts), ends[0])]
    if observed.broken:
        expected += [_fired(alert, ends[1], within=ends[1] - ends[0]) for alert in alerts]
    if observed.mended:
        expected.append(_not_now(alerts, ends[2]))
    _promtool(series(phases, lengths, names), expected)


def _firing(alerts):
    return f'ALERTS{{alertstate="firing", alertname=~"{"|".join(sorted(alerts))}"}}'


def _never(alerts, until):
    return {"eval_time": f"{until}s", "expr": f"max_over_time({_firing(alerts)}[{until + 1}s])", "exp_samples": []}


def _fired(alert, until, within):
    return {"eval_time": f"{until}s", "expr": f"group(max_over_time({_firing([alert])}[{within}s]))",
            "exp_samples": [{"labels": "{}", "value": 1}]}


def _not_now(alerts, at):
    return {"eval_time": f"{at}s", "expr": _firing(alerts), "exp_samples": []}


def _promtool(input_series, expected):
    test = {"interval": f"{INTERVAL}s", "input_series": input_series, "promql_expr_test": expected}
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "observed.yaml"
        file.write_text(json.dumps(
            {"rule_files": [str(RULES)], "evaluation_interval": f"{INTERVAL}s", "tests": [test]}))
        done = subprocess.run(["promtool", "test", "rules", file], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def _patience(alert):
    """How many seconds a rule waits, and looks back at most."""
    rule = rules[alert]
    windows = re.findall(r"(?:\[|offset )(\d+[smh])", rule["expr"])
    return _seconds(rule.get("for", "0s")) + max(map(_seconds, windows), default=0)


def _seconds(duration):
    return int(duration[:-1]) * SECONDS[duration[-1]]
