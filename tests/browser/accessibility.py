"""What axe finds wrong with a page, as lines that say where."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {"resultTypes": ["violations"]}


def faults(page: Page) -> list[str]:
    """Every violation of axe's rules on the page as it stands: rule, place and what to mend."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node.get('failureSummary', '')} {node['html'][:160]}"
        for rule in found
        for node in rule["nodes"]
    ]
