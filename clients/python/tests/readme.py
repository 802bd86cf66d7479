"""The programs of README.md, as files. `make clients` checks their types; the tests import and run them.

    python3 clients/python/tests/readme.py      writes them into .generated/readme
"""

import re
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]
README = TOP / "clients/python/README.md"
PROGRAMS = TOP / ".generated/readme"


def extract(directory: Path = PROGRAMS) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in re.findall(r"```python (\S+)\n(.*?)```", README.read_text(), re.DOTALL):
        file = directory / name
        if not file.exists() or file.read_text() != text:
            file.write_text(text)
    return directory


if __name__ == "__main__":
    print(extract())
