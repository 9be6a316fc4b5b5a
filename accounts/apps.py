"""App configuration of the accounts room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who may sign in."""

    name = "accounts"

    def ready(self) -> None:
        """Listen to changes of how people sign in; models are there only now."""
        from accounts import audit, receivers

        receivers.connect()
        audit.connect()
