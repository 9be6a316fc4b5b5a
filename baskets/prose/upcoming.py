"""When the next release comes, in words."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _


def next_release() -> str:
    """When the next release is made, by the site's policy."""
    policies = {
        "immediate": _("The next release is made as soon as new results are imported."),
        "daily": _("The next release is made within a day of new results."),
        "weekly": _("The next release is made within a week of new results."),
    }
    return policies[settings.RELEASE_POLICY]
