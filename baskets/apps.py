"""App configuration of the baskets room."""

from django.apps import AppConfig


class BasketsConfig(AppConfig):
    """What the index makes of it."""

    name = "baskets"

    def ready(self) -> None:
        """Answer the rooms below: what is expected of a score, and that an account has ended."""
        from accounts.services.deletion import account_deleted
        from baskets.selectors import expectations as own
        from baskets.services.own import forget_person
        from evals import expectations

        expectations.register(own.judge)
        account_deleted.connect(
            lambda user, **rest: forget_person(user),
            dispatch_uid="baskets.forget_person",
            weak=False,
        )
