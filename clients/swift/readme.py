"""The programs of README.md are files of the package in Example, word for word.

    python3 clients/swift/readme.py             says what differs, and exits with 1 then
    python3 clients/swift/readme.py --write     takes them from the files
"""

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
README = HERE / "README.md"
#: A block that begins with ```swift PATH.
BLOCK = re.compile(r"(```swift (\S+)\n)(.*?)(```)", re.DOTALL)


def main() -> None:
    text = README.read_text()
    taken = BLOCK.sub(lambda block: block[1] + (HERE / "Example" / block[2]).read_text() + block[4], text)
    if "--write" in sys.argv:
        README.write_text(taken)
    differing = [old[2] for old, new in zip(BLOCK.finditer(text), BLOCK.finditer(taken)) if old[0] != new[0]]
    if differing and "--write" not in sys.argv:
        sys.exit(f"clients/swift/README.md differs from Example: {', '.join(differing)}; see clients/swift/readme.py")


if __name__ == "__main__":
    main()
