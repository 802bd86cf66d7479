"""Alert rules and dashboards: that they are right, that each alert was fired, and that each metric exists."""

import json
import re
import tempfile
from pathlib import Path

import yaml

from checks.helm import CHARTS, TOP, manifests, problems

ALERTS = CHARTS / "outrider/files/alerts.yaml"
TESTS = CHARTS / "alerts-test.yaml"
DASHBOARDS = sorted((CHARTS / "outrider/files/dashboards").glob("*.json"))
#: Series of Prometheus itself.
OF_PROMETHEUS = {"up"}


def rules():
    return problems("promtool", "check", "rules", ALERTS) + problems("promtool", "test", "rules", TESTS)


def _alerts():
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def each_alert_fires():
    """Every alert is expected by a test, and says how bad it is and what to do."""
    expected = TESTS.read_text()
    found = []
    for rule in _alerts():
        if f'ALERTS{{alertname="{rule["alert"]}", alertstate="firing"' not in expected:
            found.append(f"{rule['alert']} is fired by no test of {TESTS.name}")
        if rule["labels"].get("severity") not in ("critical", "warning", "info"):
            found.append(f"{rule['alert']} has no severity")
        if not {"summary", "description"} <= rule["annotations"].keys():
            found.append(f"{rule['alert']} lacks a summary or a description")
    return found


def loaded_by_chart():
    """The rules in the rendered chart are those of the file."""
    groups = [each["spec"]["groups"] for _, objects in manifests() for each in objects if each["kind"] == "PrometheusRule"]
    wanted = yaml.safe_load(ALERTS.read_text())["groups"]
    return [] if groups and all(each == wanted for each in groups) else ["no value set renders the alert rules as they are"]


def _known_metrics():
    """What the program writes, with the series of histograms."""
    sources = "\n".join(file.read_text() for file in (TOP / "Sources/Runtime").rglob("*.swift"))
    families = set(re.findall(r'"((?:outrider|grpc|process)_[a-z_]+)", \.(?:gauge|counter|histogram)', sources))
    histograms = re.findall(r'"([a-z_]+)", \.histogram', sources)
    return families | {f"{name}_{part}" for name in histograms for part in ("bucket", "sum", "count")}


def _expressions():
    """Each expression and where it is."""
    for rule in _alerts():
        yield rule["alert"], rule["expr"]
    for file in DASHBOARDS:
        board = json.loads(file.read_text())
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                yield f"{file.name}: {panel['title']}", target["expr"]
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                yield f"{file.name}: {variable['name']}", re.fullmatch(r"label_values\((.*), \w+\)", variable["query"])[1]


def metrics_exist():
    known = _known_metrics() | OF_PROMETHEUS
    if len(known) < 20:
        return ["no metrics were found in Sources: the pattern that finds them is out of date"]
    found = []
    for place, expression in _expressions():
        without_labels = re.sub(r'"[^"]*"', '""', expression)
        for name in re.findall(r"\b(?:outrider|grpc|process)_[a-z_]+(?=[{\[\s)]|$)", without_labels):
            if name not in known and name not in ("grpc_method", "grpc_status", "grpc_target"):
                found.append(f"{place}: there is no metric {name}")
    return found


def dashboards_parse():
    """Prometheus parses every expression of the dashboards, with values for Grafana's variables."""
    rules = []
    for place, expression in _expressions():
        for variable, value in {"$__rate_interval": "5m", "$namespace": "shop", "$subscription": "balance"}.items():
            expression = expression.replace(variable, value)
        rules.append({"record": f"expression:{len(rules)}", "expr": expression})
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "expressions.yaml"
        file.write_text(yaml.safe_dump({"groups": [{"name": "expressions", "rules": rules}]}))
        return problems("promtool", "check", "rules", file)
