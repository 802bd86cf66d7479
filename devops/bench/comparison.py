"""The figures of an earlier executable and of this tree's, and one table of both."""

import re
import statistics
from collections import defaultdict

from pages import here_and_now, markdown_table
from report import shown

#: Rates, whatever follows their unit; of all other figures less is better.
MORE_IS_BETTER = re.compile(r"(/s(, \d+ in flight)?|events in a book)$")


class Comparison:
    def __init__(self, rounds):
        self.rounds = rounds
        self.before = defaultdict(list)  # measure to the figures of all rounds
        self.after = defaultdict(list)

    def note_before(self, measure, who, figure):
        if who == "Outrider":
            self.before[measure].append(figure)

    def note_after(self, measure, who, figure):
        if who == "Outrider":
            self.after[measure].append(figure)

    def text(self, earlier):
        how = (f"{here_and_now()}. Before is {earlier}. "
               f"Rounds in turns: {self.rounds}. Figures are medians; noise is (most − least) / median.")
        if self.rounds < 3:
            how += " So few rounds show no noise, so nothing is marked."
        else:
            how += " **Worse**: by more than the noise of either."
        rows = [self.row(measure) for measure in self.after]
        return f"{how}\n\n" + markdown_table(["", "Before", "Noise", "After", "Noise", "Change", ""], rows)

    def row(self, measure):
        before, after = self.before[measure], self.after[measure]
        middle, now = statistics.median(before), statistics.median(after)
        worse = middle - now if MORE_IS_BETTER.search(measure) else now - middle
        beyond = worse > max(max(before) - min(before), max(after) - min(after))
        return [measure, shown(middle), noise(before), shown(now), noise(after), percent(now - middle, middle, "+"),
                "**worse**" if beyond and self.rounds >= 3 else ""]


def noise(figures):
    return percent(max(figures) - min(figures), statistics.median(figures)) if len(figures) > 1 else ""


def percent(part, whole, sign=""):
    """Of nothing there is no percentage."""
    return f"{part / whole * 100:{sign}.1f} %" if whole else ""
