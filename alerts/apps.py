"""App configuration of the alerts room."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Who is told."""

    name = "alerts"
