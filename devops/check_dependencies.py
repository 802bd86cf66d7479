"""Checks that each target imports the dependencies that Package.swift declares for it. Prints each that no file
imports; exits with 1 if there is one.

    swift package dump-package | python3 devops/check_dependencies.py

The build refuses the opposite, an import without a declared dependency.
"""

import json
import re
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
#: `@testable import Wire`, `internal import Wire`, `import struct Wire.Page`
IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:\w+\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)",
    re.MULTILINE)


def folder(target):
    """Where the target's code is: by default, in a folder of its name."""
    return TOP / (target.get("path") or ("Tests" if target["type"] == "test" else "Sources") + "/" + target["name"])


def imports(target):
    excluded = [folder(target) / path for path in target["exclude"]]
    files = [file for file in folder(target).rglob("*.swift")
             if not any(file.is_relative_to(path) for path in excluded)]
    return {module for file in files for module in IMPORT.findall(file.read_text())}


def names(target):
    """The names of the dependencies. A product that we use has the name of its module."""
    return [next(iter(dependency.values()))[0] for dependency in target["dependencies"]]


def mistakes(package):
    # A test may depend on a program that it only runs.
    programs = {target["name"] for target in package["targets"] if target["type"] == "executable"}
    for target in package["targets"]:
        imported = imports(target)
        for name in names(target):
            if name not in imported and name not in programs:
                yield f"target {target['name']} declares the dependency {name}, and imports it nowhere"


def main():
    found = list(mistakes(json.load(sys.stdin)))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(1 if found else 0)


main()
