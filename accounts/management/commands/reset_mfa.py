"""Let somebody who lost their second step begin anew."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.services.sessions import end_all


class Command(BaseCommand):
    """`manage.py reset_mfa NAME`: make sure first that it is the person who asks."""

    help = "Removes a person's second step, signs them out everywhere and ends their tokens."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="The user name of the account.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Remove it; CommandError where there is no such account."""
        user = User.objects.filter(username=options["name"]).first()
        if user is None:
            raise CommandError(f"There is no account named {options['name']!r}.")
        Authenticator.objects.filter(user=user).delete()
        end_all(user)
        self.stdout.write(f"{user.username} signs in with the password alone and can set it up.")
