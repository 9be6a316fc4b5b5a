"""Pages of the evals room: imports, names, held scores, feeds, and where a score comes from."""
