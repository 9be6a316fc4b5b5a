"""App configuration of the site itself."""

from django.apps import AppConfig


class IndexsiteConfig(AppConfig):
    """Joins the rooms: what happens in one starts what follows in the next."""

    name = "indexsite"

    def ready(self) -> None:
        """Connect the pipeline's receivers."""
        from indexsite import pipeline

        pipeline.connect()
