"""Reads over several models, one module per subject."""
