"""How to cite a chart: in a sentence and for BibTeX, stamped with the release and its date."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.utils.translation import gettext as _

from baskets.charts import words
from baskets.charts.chart import Chart
from baskets.models import Release

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
} | {character: f"\\{character}" for character in "#$%&_"}


@dataclass(frozen=True)
class Citation:
    """One chart cited: the sentence, the BibTeX entry, and the address that both give.

    `source` is what stands under the chart itself: of which release it is.
    """

    plain: str
    bibtex: str
    address: str
    source: str


def pinned(address: str, release: Release) -> str:
    """The address with the release's number, so that it shows the same release for good.

    A date could not do that: a day may bring several releases, and the last of them stands for it.
    """
    parts = urlsplit(address)
    query = dict(parse_qsl(parts.query)) | {"release": str(release.number)}
    query.pop("as_of", None)
    return parts._replace(query=urlencode(sorted(query.items()))).geturl()


def _tex(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in text)


def citation(chart: Chart, release: Release, *, site: str) -> Citation:
    """How to cite `chart` as `release` has it; `site` is the site's own address, without a path."""
    address = pinned(site + chart.embed_address, release)
    facts = {
        "basket": release.basket.name,
        "year": release.vintage_on.year,
        "title": chart.title,
        "number": release.number,
        "day": words.day(release.vintage_on),
        "hash": release.sha256[:16],
        "address": address,
    }
    plain = _(
        "%(basket)s (%(year)s). %(title)s. Release %(number)s, with what was known on %(day)s, "
        "SHA-256 %(hash)s. %(address)s"
    )
    source = _("Source: %(basket)s, release %(number)s, with what was known on %(day)s") % facts
    return Citation(plain % facts, _bibtex(chart, release, address), address, source)


def _bibtex(chart: Chart, release: Release, address: str) -> str:
    """The entry. Its words are English: a bibliography's language is not the reader's."""
    slug = release.basket.slug
    fields = {
        "author": f"{{{_tex(release.basket.name)}}}",
        "title": f"{{{_tex(chart.title)}}}",
        "year": str(release.vintage_on.year),
        "month": release.vintage_on.strftime("%b").lower(),
        "note": f"Release {release.number}, known on {release.vintage_on.isoformat()}, "
        f"SHA-256 {release.sha256}",
        "url": address,
    }
    lines = [
        f"  {name} = {value}," if name == "month" else f"  {name} = {{{value}}},"
        for name, value in fields.items()
    ]
    head = f"@misc{{{slug}-{chart.name}-release-{release.number},"
    return "\n".join([head, *lines, "}"])
