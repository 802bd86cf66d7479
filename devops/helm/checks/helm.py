"""Helm: the charts, the value sets, and how they are rendered."""

import re
import subprocess
from pathlib import Path

import yaml

TOP = Path(__file__).resolve().parents[3]
CHARTS = TOP / "devops/helm"
KUBERNETES = TOP / "devops/kubernetes"
TOOLS = TOP / ".tools"
RENDERED = TOOLS / "rendered"
CHART = CHARTS / "outrider"
EXAMPLES = sorted((CHARTS / "examples").glob("*.yaml"))
DEVELOPMENT = ["mongodb", "rabbitmq", "consul"]
#: Kinds that Prometheus Operator defines. Their parts are checked by `checks.monitoring`.
CUSTOM = {"ServiceMonitor", "PrometheusRule"}

#: Of whatever runs here, in seconds. An idle machine needs a few.
PATIENCE = 600


def run(*command, **options):
    """What a command prints, both ways, and whether it succeeded."""
    done = subprocess.run(
        [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=PATIENCE, cwd=TOP, **options)
    return done.returncode == 0, done.stdout


def problems(*command, **options):
    """What a command prints, by lines, if it fails; else nothing."""
    is_right, output = run(*command, **options)
    return [] if is_right else output.splitlines() or [f"{command[0]} failed"]


def template(chart, *values, release="shop"):
    """The rendered manifests as text, or the message that refuses the values."""
    return run(
        TOOLS / "helm", "template", release, chart, "--namespace", "shop",
        *(word for file in values for word in ("--values", file)))


def lint():
    found = []
    for example in EXAMPLES:
        found += problems(TOOLS / "helm", "lint", "--strict", "--quiet", CHART, "--values", example)
    for chart in DEVELOPMENT:
        found += problems(TOOLS / "helm", "lint", "--strict", "--quiet", CHARTS / chart)
    return found


def version():
    """The chart installs the image of this version."""
    executable = re.search(r'static let version = "(.*)"', (TOP / "Sources/outrider/Outrider.swift").read_text())[1]
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"]
    return [] if chart == executable else [f"appVersion of the chart is {chart}, and Outrider's version {executable}"]


def render():
    """Renders every value set into RENDERED, for the checks that follow."""
    RENDERED.mkdir(parents=True, exist_ok=True)
    for old in RENDERED.glob("*.yaml"):
        old.unlink()
    found = []
    sets = [(file.stem, CHART, [file], "shop") for file in EXAMPLES]
    # An example and a chart may have the same name.
    sets += [(f"chart-{name}", CHARTS / name, [], name) for name in DEVELOPMENT]
    for name, chart, values, release in sets:
        is_right, text = template(chart, *values, release=release)
        if is_right:
            (RENDERED / f"{name}.yaml").write_text(text)
        else:
            found += [f"{name}: {line}" for line in text.splitlines()]
    return found


def manifests():
    """What was rendered: the name of each value set, and its manifests."""
    for file in sorted(RENDERED.glob("*.yaml")):
        yield file.stem, [each for each in yaml.safe_load_all(file.read_text()) if each]


def refusals():
    """Each file of `refused` has values that must be refused, and says by which words in its first line."""
    found = []
    for file in sorted((CHARTS / "refused").glob("*.yaml")):
        expected = file.read_text().splitlines()[0].removeprefix("# ")
        is_right, text = template(CHART, CHARTS / "examples/minimal-mongodb.yaml", file)
        if is_right:
            found.append(f"{file.name} is not refused")
        elif expected not in text:
            found += [f"{file.name} is not refused by {expected!r}, but by:", *text.splitlines()]
    return found
