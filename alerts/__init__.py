"""Who is told when a system moves the index."""
