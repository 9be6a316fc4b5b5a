#!/usr/bin/env python
"""Django's command line for the AGI Index."""

import os
import sys


def main() -> None:
    """Run the management command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "indexsite.settings")
    import django
    from django.core.management import execute_from_command_line

    django.setup()
    from accounts.audit import command

    with command(" ".join(sys.argv[1:2])):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
