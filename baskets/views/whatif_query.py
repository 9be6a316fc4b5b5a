"""The weights that the address of a what-if holds.

    d.capability=50     the domain's weight in the headline, in per cent
    w.gpqa-diamond=6    the eval's weight, in per cent, beside the other evals of its domain

A domain or an eval that is not named keeps its published weight; 0 leaves it out. An eval's weight
moves only its own domain's other evals: what a domain weighs in the headline is its own `d.` or
as published. All is normalised to 100. Numbers have at most four decimals. In the one address that
stands for some weights, only what differs from the published ones is named, in alphabetical order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from baskets.engine import Eval
from baskets.selectors.whatif_weights import DOMAIN, EVAL, adjusted, domain_shares
from baskets.views import page

NUMBER = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,4})?")
MOST, SMALLEST = 100.0, "0.0001"


@dataclass(frozen=True)
class Chosen:
    """weights: of the newest version, as the engine takes them. state: the address's part.

    domains, evals: what stands in the form's fields, in per cent, as written.
    """

    weights: dict[str, float]
    state: dict[str, str]
    domains: dict[str, str]
    evals: dict[str, str]


def asked_weights(
    request: HttpRequest, published: Mapping[str, float], evals: Mapping[str, Eval]
) -> Chosen:
    """The weights of the address; published: shares that sum to 1, evals: that can be counted.

    BadQuery for a number that cannot be read and for a name that there is not.
    """
    shares = domain_shares(published, evals)
    of_domains = _given(request, DOMAIN, {name: written(share) for name, share in shares.items()})
    own = {name: written(published.get(name, 0.0)) for name in evals}
    of_evals = _given(request, EVAL, own)
    weights = adjusted(published, evals, of_domains=of_domains, of_evals=of_evals)
    state = {DOMAIN + name: text for name, text in sorted(of_domains.items())}
    state |= {EVAL + name: text for name, text in sorted(of_evals.items())}
    return Chosen(
        weights=weights,
        state=state,
        domains={name: of_domains.get(name, written(share)) for name, share in shares.items()},
        evals={name: of_evals.get(name, own[name]) for name in {*published, *of_evals}},
    )


def written(share: float) -> str:
    """A share as per cent, as a field of the form shows it; 0 stands for nothing and no less.

    Two decimals, or four where these would be 0, so that whatever counts can be taken out by 0.
    """
    if share <= 0:
        return "0"
    for decimals in (2, 4):
        if (text := _plain(100 * share, decimals)) != "0":
            return text
    return SMALLEST


def _plain(number: float, decimals: int = 4) -> str:
    text = f"{number:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _given(request: HttpRequest, prefix: str, standing: Mapping[str, str]) -> dict[str, str]:
    """What the address changes, by name without the prefix; standing: what is there already."""
    found = {}
    for key in request.GET:
        if not key.startswith(prefix):
            continue
        name = key.removeprefix(prefix)
        value = page.text(request, key).strip().replace(",", ".")
        if name not in standing:
            raise page.BadQuery(
                _("“%(name)s” names nothing that can be weighed in this basket.")
                % {"name": key[: page.LONGEST_VALUE]}
            )
        if not value:
            continue
        if NUMBER.fullmatch(value) is None or float(value) > MOST:
            raise page.BadQuery(
                _("“%(name)s” must be a number from 0 to 100, with at most four decimals.")
                % {"name": key}
            )
        text = _plain(float(value))
        if text != standing[name]:
            found[name] = text
    return found
