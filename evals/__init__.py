"""What was measured: systems, evals, scores, where they came from and what became of them."""
