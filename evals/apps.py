"""App configuration of the evals room."""

from django.apps import AppConfig


class EvalsConfig(AppConfig):
    """What was measured."""

    name = "evals"
