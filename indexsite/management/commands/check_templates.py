"""`check_templates`: every template of the project compiles."""

from __future__ import annotations

from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template import TemplateSyntaxError, engines
from django.template.backends.django import DjangoTemplates
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class Command(BaseCommand):
    """Compiles the templates without drawing them, so that no database is needed."""

    help = _("Compile every template of the project and report those that do not.")
    requires_system_checks = ()  # `manage.py check` is its own step.

    def handle(self, *args: object, **options: object) -> None:
        paths = sorted(path for folder in _folders() for path in folder.rglob("*.*"))
        wrong = [complaint for complaint in map(_complaint, paths) if complaint]
        if not paths or wrong:
            raise CommandError("\n".join(wrong) or _("There are no templates."))
        count = len(paths)
        self.stdout.write(
            ngettext("%(count)d template compiles.", "%(count)d templates compile.", count)
            % {"count": count}
        )


def _folders() -> list[Path]:
    """The template folders that belong to the project itself."""
    root = Path(settings.BASE_DIR)
    named = [Path(folder) for engine in settings.TEMPLATES for folder in engine["DIRS"]]
    own = [Path(app.path) / "templates" for app in apps.get_app_configs()]
    # The environment may lie inside the project, and what is installed there answers for itself.
    return [
        folder
        for folder in [*named, *own]
        if folder.is_relative_to(root) and "site-packages" not in folder.parts and folder.is_dir()
    ]


def _complaint(path: Path) -> str:
    """What is wrong with the template at `path`; empty for nothing."""
    engine = next(found for found in engines.all() if isinstance(found, DjangoTemplates))
    try:
        engine.from_string(path.read_text(encoding="utf-8"))
    except TemplateSyntaxError as error:
        return f"{path.relative_to(settings.BASE_DIR)}: {error}"
    return ""
