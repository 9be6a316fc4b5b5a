"""What the running of the site refuses; every text is one plain sentence for the operator."""

from __future__ import annotations


class RunError(Exception):
    """The site, or one of its servers, cannot run; the text says why and what helps."""


class LockedError(RunError):
    """The data folder is in use by a run that is still going on."""
