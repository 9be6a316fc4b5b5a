"""Opening pages in a browser and watching what goes wrong in them."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Page

from tests.databases import OWN

PAGES = [
    "/",
    "/generations/",
    "/generations/?developer=openai",
    "/systems/",
    "/systems/gpt-5/",
    "/evals/",
    "/evals/gpqa-diamond/",
    "/baskets/",
    "/baskets/agi/",
    "/baskets/agi/?version=1",
    "/releases/",
    "/releases/1/",
    "/methodology/",
    "/data/",
    "/search/?q=claude",
    "/systems/?page=2",
    "/alerts/",
    "/alerts/events/",
    "/alerts/events/1/",
    "/?as_of=2001-01-01",
    "/?as_of=2025-09-15",
    "/?as_of=2099-12-31",
    "/systems/gpt-5/?as_of=2025-09-15",
    "/compare/",
    "/compare/?systems=gpt-5,claude-opus-4.7",
    "/compare/?systems=gpt-5,claude-opus-4.7,gpt-5.4,grok-4,o3,deepseek-r1&series=safety",
    "/compare/?systems=gpt-5&add=claude",
    "/stability/",
    "/saturation/",
    "/baskets/agi/what-if/?d.capability=60&series=capability",
    f"/own/{OWN}/",
    f"/own/compare/?own={OWN}",
    f"/alerts/own/{OWN}/",
]

RECORD = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""


@dataclass
class Watch:
    """What a page complained about."""

    page: Page
    errors: list[str] = field(default_factory=list)

    def violations(self) -> list[str]:
        """Breaches of the content security policy so far."""
        found: list[str] = self.page.evaluate("window.violations")
        return found

    def console(self, message: ConsoleMessage) -> None:
        """Keep the page's own errors."""
        if message.type == "error":
            self.errors.append(message.text)


def opened(page: Page, address: str) -> Watch:
    """The page at an address, watched from its first moment; the address must answer well."""
    watch = Watch(page)
    page.add_init_script(RECORD)
    page.on("console", watch.console)
    page.on("pageerror", lambda error: watch.errors.append(str(error)))
    response = page.goto(address)
    assert response is not None
    assert response.ok, address
    return watch
