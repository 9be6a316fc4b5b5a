"""Writes of the evals room: imports, declarations, held rows."""
