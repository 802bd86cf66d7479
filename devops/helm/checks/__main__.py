"""Runs every check, and says how each ended."""

import sys

from checks import helm, kubectl, manifests, monitoring, plain, starts

CHECKS = [
    ("charts pass helm lint", helm.lint),
    ("the chart installs this version of Outrider", helm.version),
    ("every value set is rendered", helm.render),
    ("wrong values are refused, with a message that helps", helm.refusals),
    ("manifests fit Kubernetes' schemas", manifests.schemas),
    ("kubectl would create what is in the manifests", kubectl.takes),
    ("kubectl has a type for it, which it fits", kubectl.decodes),
    ("manifests call each other by names that exist", manifests.references),
    ("checkov finds nothing that is not justified", manifests.policies),
    ("alert rules are right, and pass their tests", monitoring.rules),
    ("every alert is fired by a test", monitoring.each_alert_fires),
    ("the chart loads the alert rules that are tested", monitoring.loaded_by_chart),
    ("alerts and dashboards name metrics that exist", monitoring.metrics_exist),
    ("Prometheus parses the dashboards", monitoring.dashboards_parse),
    ("the plain manifests are what the charts give", plain.manifests_are_up_to_date),
    ("Docker Compose takes compose.yaml", plain.compose_is_right),
    ("checkov has nothing against the bank's image", plain.image_of_bank_is_right),
]

#: These ask the executable.
OF_EXECUTABLE = [
    ("the schema allows every setting that there is", starts.settings_are_known),
    ("every pod starts, and answers its probes", starts.pods_start),
    ("Outrider takes the variables of compose.yaml", plain.compose_starts),
]

#: Lines that are shown of a check that failed.
SHOWN = 40


def failed(what, found):
    """Says how one check ended."""
    print(f"{'FAILED' if found else 'ok':8}{what}", flush=True)
    for line in found[:SHOWN]:
        print(f"          {line}")
    return bool(found)


def main(executable):
    failures = [failed(what, check()) for what, check in CHECKS]
    for what, check in OF_EXECUTABLE:
        if executable:
            failures.append(failed(what, check(executable)))
        else:
            print(f"{'left out':8} {what}: there is no executable; make build")
    sys.exit(any(failures))


main(sys.argv[1] if len(sys.argv) > 1 else None)
