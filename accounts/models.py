"""The project's own user, so that later needs never meet a foreign table."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A person who signs in: steward, approver, importer or administrator, by group."""
