"""Checks the charts, the alert rules, and what is made of both. See check.sh."""
