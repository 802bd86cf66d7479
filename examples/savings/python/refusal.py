class Refused(Exception):
    """The function says no, and why: the command's sender is told."""
