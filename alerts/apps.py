"""App configuration of the alerts room."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Who is told."""

    name = "alerts"

    def ready(self) -> None:
        """Go with an account when it is deleted."""
        from accounts.services.deletion import account_deleted
        from alerts.services.forgetting import forget_account

        account_deleted.connect(forget_account, dispatch_uid="alerts.forget_account")
