"""Measurements of the whole site on this machine: `python -m tests.bench`, or `make bench`."""
