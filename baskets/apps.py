"""App configuration of the baskets room."""

from django.apps import AppConfig


class BasketsConfig(AppConfig):
    """What the index makes of it."""

    name = "baskets"

    def ready(self) -> None:
        """Answer the room below where it asks what is expected of a score."""
        from baskets.selectors import expectations as own
        from evals import expectations

        expectations.register(own.judge)
