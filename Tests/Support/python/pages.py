"""Pages with a part that a program writes, between <!-- NAME --> and <!-- /NAME -->."""

import datetime
import os
import platform
import re
from pathlib import Path


def write_part(page, name, text):
    before, begin, rest = Path(page).read_text().partition(f"<!-- {name} -->\n")
    _, end, after = rest.partition(f"<!-- /{name} -->\n")
    if not begin or not end:
        raise ValueError(f"{page} has no part <!-- {name} --> … <!-- /{name} -->")
    Path(page).write_text(f"{before}{begin}\n{text}\n\n{end}{after}")


def markdown_table(header, rows):
    """The first column is text, all others are figures."""
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def here_and_now():
    """The date and the machine, as every figure needs it."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (f"{datetime.date.today().isoformat()}, {os.cpu_count()} cores "
            f"({model[1] if model else platform.machine()}), {memory:.0f} GiB, Linux {platform.release().split('-')[0]}")
