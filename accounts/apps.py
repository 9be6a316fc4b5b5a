"""App configuration of the accounts room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who may sign in."""

    name = "accounts"

    def ready(self) -> None:
        """Let tasks say their names to the audit."""
        from accounts import audit

        audit.connect()
