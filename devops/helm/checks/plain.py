"""What works without Helm: the plain manifests, and Compose."""

import json
import os
import tempfile
from pathlib import Path

from checks.helm import KUBERNETES, TOOLS, TOP, problems, run

COMPOSE = TOP / "devops/compose/compose.yaml"


def manifests_are_up_to_date():
    with tempfile.TemporaryDirectory() as directory:
        found = problems(KUBERNETES / "render.sh", directory)
        for made in sorted(Path(directory).iterdir()):
            kept = KUBERNETES / made.name
            if not kept.exists() or kept.read_text() != made.read_text():
                found.append(f"{kept.relative_to(TOP)} is not what the charts give: devops/kubernetes/render.sh makes it anew")
    return found


def compose_is_right():
    """Docker Compose takes the file."""
    return problems(TOOLS / "python/bin/docker-compose", "--file", COMPOSE, "config", "--quiet")


def image_of_bank_is_right():
    """checkov has nothing against the example's image."""
    dockerfile = TOP / "examples/bank/python/Dockerfile"
    return problems(
        TOOLS / "python/bin/checkov", "--file", dockerfile, "--framework", "dockerfile", "--compact", "--quiet",
        "--skip-download")


def compose_starts(executable):
    """Outrider takes the variables of each of its containers."""
    is_right, text = run(TOOLS / "python/bin/docker-compose", "--file", COMPOSE, "config", "--format", "json")
    if not is_right:
        return text.splitlines()
    services = {
        name: each for name, each in json.loads(text)["services"].items() if each["image"].startswith("outrider:")}
    found = [] if services else ["no container runs Outrider"]
    for name, each in services.items():
        # The directory is one without outrider.yaml.
        environment = each["environment"] | {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
        is_right, output = run(executable, "config", "show", env=environment)
        found += [] if is_right else [f"{name}: {line}" for line in output.splitlines()]
    return found
