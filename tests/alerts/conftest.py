"""A small world with a real engine: three domains of two evals each, and releases of it."""

from __future__ import annotations

import asyncio
import datetime as dt
import email.policy
import zlib
from collections.abc import Callable, Iterator, Mapping
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings

from alerts.models import Delivery, Series, Subscription
from baskets.engine import ENGINE_VERSION, Problem, canonical, compute, sha256
from baskets.models import Basket, Release
from evals.models import Developer, Domain, Eval, Generation, System
from indexsite.run.processes import free_port

DOMAINS = ("capability", "safety", "alignment")
SYSTEMS = {"base": "Base 1", "old": "Old 2", "sol": "GPT-6.1 Sol"}
NOW = dt.datetime(2024, 2, 3, 12, tzinfo=dt.UTC)

Scores = Mapping[str, float]
MakeRelease = Callable[..., Release]


def problem(scores: Scores) -> dict[str, Any]:
    """Every system at one level on all evals but the first, where it has 5 more."""
    evals = [(f"{domain}-{n}", domain) for domain in DOMAINS for n in (1, 2)]
    weights = {name: 1.0 for name, _domain in evals}
    return {
        "method": {"base": "base", "imputation": "strict", "coverage_floor": 0.3},
        "evals": [
            {"id": name, "domain": domain, "scale": "linear", "floor": 0, "ceiling": 100}
            for name, domain in evals
        ],
        "systems": [
            {"id": name, "released_on": f"2026-0{n}-01"} for n, name in enumerate(SYSTEMS, 1)
        ],
        "scores": [
            {"system": system, "eval": name, "value": level + 5 * (name == "capability-1")}
            for system, level in scores.items()
            for name, _domain in evals
        ],
        "baskets": [{"id": "1", "effective_on": "2026-01-01", "weights": weights}],
    }


def weigh_safety_double(asked: dict[str, Any]) -> None:
    """Change the weights of a problem in place."""
    asked["baskets"][0]["weights"]["safety-1"] = 2.0


def add_version(asked: dict[str, Any]) -> None:
    """Put `sol`, but neither `base` nor `old`, on a second version that weighs one eval triple."""
    weights = {**asked["baskets"][0]["weights"], "capability-1": 3.0}
    later = {"id": "2", "effective_on": "2026-02-15", "overlap": ["base", "old"]}
    asked["baskets"].append({**later, "weights": weights})


def unchanged(asked: dict[str, Any]) -> None:
    """Leave a problem as it is."""


def summary(answer: dict[str, Any]) -> dict[str, Any]:
    """The two parts of a release's summary that the alerts room reads."""
    series: dict[str, Any] = {}
    official: dict[str, list[str]] = {}
    for name in Series.values:
        rows = [row for row in answer["points"] if row["series"] == name and row["official"]]
        steps: list[dict[str, Any]] = []
        for row in sorted(rows, key=lambda row: list(SYSTEMS).index(row["system"])):
            if not steps or row["value"] > steps[-1]["value"]:
                steps.append({key: row[key] for key in ("system", "value", "low", "high")})
        series[name] = {"frontier": steps}
        official[name] = [row["system"] for row in rows]
    return {"series": series, "official": official}


@pytest.fixture
def world(db: None) -> Basket:
    """The basket, with the names of all that a release speaks of."""
    developer = Developer.objects.create(slug="maker", name="Maker")
    family = Generation.objects.create(developer=developer, name="One")
    for n, (slug, name) in enumerate(SYSTEMS.items(), 1):
        released_on = dt.date(2026, n, 1)
        System.objects.create(
            slug=slug, name=name, developer=developer, generation=family, released_on=released_on
        )
    for slug in DOMAINS:
        domain, _made = Domain.objects.get_or_create(slug=slug, defaults={"name": slug.title()})
        for n in (1, 2):
            unit = {"unit": "%", "scale": "linear", "direction": "higher"}
            name = f"{slug.title()} Bench {n}"
            Eval.objects.create(slug=f"{slug}-{n}", name=name, domain=domain, **unit)
    base = {"name": "AGI", "base": System.objects.get(slug="base")}
    basket, _made = Basket.objects.get_or_create(slug="agi", defaults=base)
    return basket


@pytest.fixture
def make_release(world: Basket) -> MakeRelease:
    """Makes the next release of the world from scores, on the real engine."""

    def make(
        scores: Scores,
        *,
        reconstructed: bool = False,
        change: Callable[[dict[str, Any]], None] = unchanged,
        basket: Basket = world,
    ) -> Release:
        raw = problem(scores)
        change(raw)
        asked = Problem.from_json(raw)
        answer = compute(asked).to_json()
        bundle = {"problem": asked.to_json(), "filled": answer["imputed"], "answer": answer}
        return Release.objects.create(
            basket=basket,
            number=Release.objects.filter(basket=basket).count() + 1,
            vintage_on=dt.date(2026, 11, 21),
            cause="import",
            reconstructed=reconstructed,
            engine_version=ENGINE_VERSION,
            problem_sha256=sha256(asked.to_json()),
            sha256=sha256(bundle),
            bundle=zlib.compress(canonical(bundle).encode()),
            summary=summary(answer),
        )

    return make


@pytest.fixture
def news(make_release: MakeRelease) -> Release:
    """A release in which Sol, at 90 and 95, passes Old, at 60 and 65; the one before has no Sol."""
    make_release({"base": 40, "old": 60})
    return make_release({"base": 40, "old": 60, "sol": 90})


def subscription(email: str = "reader@example.org", **fields: Any) -> Subscription:
    """A confirmed subscription to the capability index from one point on."""
    known = {"series": "capability", "threshold": 1.0, "confirmed_at": NOW}
    return Subscription.objects.create(email=email, **{**known, **fields})


def question(series: str = "capability", **fields: Any) -> Delivery:
    """A confirmation that waits to be sent, due at `NOW`, for a subscription not yet confirmed."""
    asked = subscription(confirmed_at=None, series=series)
    known = {"kind": "confirm", "threshold": 5.0, "due_at": NOW, "created_at": NOW}
    return Delivery.objects.create(subscription=asked, **{**known, **fields})


class PostOffice:
    """What a mail server got, and what it answers: first to RCPT, then to DATA."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.recipient_reply = "250 OK"
        self.data_reply = "250 OK"
        self.while_receiving: Callable[[], None] = lambda: None

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient_reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        # In a thread, because Django refuses the database to an event loop.
        await asyncio.to_thread(self.while_receiving)
        if self.data_reply.startswith("250"):
            assert isinstance(envelope.content, bytes)
            parser = BytesParser(EmailMessage, policy=email.policy.default)
            self.received.append(parser.parsebytes(envelope.content))
        return self.data_reply


@pytest.fixture
def post_office(settings: Settings) -> Iterator[PostOffice]:
    """A real SMTP server on loopback that the site is set to use."""
    office = PostOffice()
    controller = Controller(office, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_TO_FILES = False
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = controller.port
    settings.EMAIL_TIMEOUT = 5
    yield office
    controller.stop()


def part(message: EmailMessage, kind: str) -> str:
    """The text of the plain or HTML part."""
    body = message.get_body(preferencelist=(kind,))
    assert body is not None
    return str(body.get_content())
