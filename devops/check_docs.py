"""Checks that what the documents say of the code is still there. Prints each mistake; exits with 1 if there is one.

    swift package dump-package | python3 devops/check_docs.py targets
        The map of docs/architecture.md has every target, and no other.
    python3 devops/check_docs.py paths
        Each path and each function that a document names exists, and each decision is in the index.
"""

import json
import re
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
ARCHITECTURE = TOP / "docs/architecture.md"
INDEX = TOP / "docs/decisions/README.md"
#: For those who work on the project. They name each file so that there is one of that name.
FOR_DEVELOPERS = [ARCHITECTURE, TOP / "CONTRIBUTING.md", *sorted(INDEX.parent.glob("*.md"))]
#: A user's own program may be called like one of ours.
FOR_USERS = sorted(set((TOP / "docs").glob("*.md")) - {ARCHITECTURE})
SUFFIXES = (".swift", ".py", ".sh", ".md", ".proto", ".c", ".h")
#: A word with one of these stands for any name.
PLACEHOLDERS = ("NNNN", "NAME")

FOLDERS = sorted(entry.name for entry in TOP.iterdir() if entry.is_dir() and not entry.name.startswith("."))
FILES = [path.relative_to(TOP).as_posix() for folder in FOLDERS for path in (TOP / folder).rglob("*") if path.is_file()]


def section(text, title):
    """The text below a heading of level two, up to the next."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def wrong_map(package):
    """The map is the first columns of the tables of the section on targets."""
    rows = re.findall(r"^\|.*$", section(ARCHITECTURE.read_text(), "Targets"), re.MULTILINE)
    mapped = set(re.findall(r"`([^`]+)`", "\n".join(row.split("|")[1] for row in rows)))
    targets = {target["name"] for target in package["targets"]}
    return [f"target {name} is not on the map of docs/architecture.md" for name in sorted(targets - mapped)] + [
        f"{name} on the map of docs/architecture.md is no target" for name in sorted(mapped - targets)]


def files_named(word):
    """The files that a path, or the last part of one, stands for."""
    if (TOP / word).is_file():
        return [word]
    return [file for file in FILES if file.endswith("/" + word)]


def wrong_path(word, unique):
    """What is wrong with a word, if it is a path; else None.

    `unique`: no two files may be meant by it."""
    if any(placeholder in word for placeholder in PLACEHOLDERS):
        return None
    if "/" in word and word.split("/")[0] in FOLDERS:
        return None if (TOP / word).exists() else f"{word} does not exist"
    if word.endswith(SUFFIXES):
        found = files_named(word)
        if not found:
            return f"{word} does not exist"
        if unique and len(found) > 1:
            return f"{word} names {len(found)} files: {', '.join(found[:3])}"
    return None


def wrong_paths(document):
    text = document.read_text()
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if "://" not in target and not (document.parent / target).exists():
            yield f"the link to {target} leads nowhere"
    words = re.findall(r"[\w.+/-]+", re.sub(r"\]\([^)]*\)", "]", text))
    for word in dict.fromkeys(word.rstrip(".-") for word in words):
        if (problem := wrong_path(word, unique=document in FOR_DEVELOPERS)) is not None:
            yield problem


def missing_functions(document):
    """In a table's row that begins with a Swift file, the second column names functions of that file."""
    for file, names in re.findall(r"^\| `([^`|]+\.swift)` \| ([^|]+) \|", document.read_text(), re.MULTILINE):
        for found in files_named(file)[:1]:
            code = (TOP / found).read_text()
            for name in re.findall(r"`([^`]+)`", names):
                if not re.search(rf"\bfunc {re.escape(name)}\b", code):
                    yield f"{found} has no function {name}"


def wrong_decisions():
    """The index names each decision, by its file and its title."""
    index = INDEX.read_text()
    for decision in sorted(INDEX.parent.glob("[0-9]*.md")):
        title = re.match(r"# \d+\. (.*)", decision.read_text())[1]
        if f"[{title}]({decision.name})" not in index:
            yield f"[{title}]({decision.name}) is missing"


def mistakes(what):
    if what == "targets":
        return wrong_map(json.load(sys.stdin))
    found = [
        f"{document.relative_to(TOP)}: {problem}"
        for document in FOR_DEVELOPERS + FOR_USERS for problem in [*wrong_paths(document), *missing_functions(document)]]
    return found + [f"{INDEX.relative_to(TOP)}: {problem}" for problem in wrong_decisions()]


def main():
    if sys.argv[1:] not in (["targets"], ["paths"]):
        sys.exit(__doc__)
    found = mistakes(sys.argv[1])
    print("\n".join(found), end="\n" if found else "")
    sys.exit(1 if found else 0)


main()
