"""App configuration of the accounts room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who may sign in."""

    name = "accounts"
