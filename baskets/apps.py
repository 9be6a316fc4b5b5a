"""App configuration of the baskets room."""

from django.apps import AppConfig


class BasketsConfig(AppConfig):
    """What the index makes of it."""

    name = "baskets"
