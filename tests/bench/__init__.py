"""Measurements of the whole site on this machine: `python -m tests.bench`, or `make bench`."""

import os

# As the site sets it, and before anything loads NumPy, which reads it once.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
