"""Series over time: generations, slopes and the gap, the ladder, saturation (12, 13)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from baskets.charts.words import day, number, points, signed
from baskets.models import IndexPoint
from baskets.selectors.analyses import Row
from baskets.selectors.worked.case import Case, in_points
from baskets.selectors.worked.example import Grid, Worked, index_points

YEAR = 365.25
SERIES = "capability"
Dots = Sequence[tuple[dt.date, float]]


def of_generation(case: Case) -> Iterator[Worked]:
    """The generation with the most official systems: its value is the highest of them."""
    stored = case.release.summary.get("series", {}).get(SERIES, {}).get("generations", [])
    rows = IndexPoint.objects.filter(
        release=case.release, series=SERIES, official=True, on_official_version=True
    )
    values = dict(rows.values_list("system__slug", "value"))
    members: dict[tuple[str, str], list[str]] = {}
    for slug in values:
        known = case.systems[slug]
        members.setdefault((known.developer_slug, known.generation), []).append(slug)
    if not members:
        return
    key = max(members, key=lambda k: (len(members[k]), k))
    row = next(r for r in stored if (r["developer"], r["generation"]) == key)
    best = max(members[key], key=lambda s: values[s])
    listed = [(case.systems[s].name, points(values[s], 2)) for s in sorted(members[key])]
    yield Worked(
        ident="generation",
        title=_("The value of a generation"),
        said=_("%(count)s systems of %(generation)s are official; the highest stands for all.")
        % {"count": len(listed), "generation": key[1]},
        lines=(f"max = {points(values[best], 2)} ({case.systems[best].name})",),
        result=values[best],
        stated=row["value"],
        where=_("the release's summary of generations"),
        unit=index_points(),
        grid=Grid(_("Capability index."), (_("System"), _("Index")), tuple(listed), (False, True)),
    )


def of_gap(case: Case) -> Iterator[Worked]:
    """Slopes of safety and capability along the same systems, in goalpost points a year."""
    stored = (case.release.summary.get("safety_gap") or {}).get("safety")
    if not stored:
        return
    first = case.problem.baskets[0]
    systems = list(stored["systems"])
    rates = {d: _slope(_dots(case, d, systems, case.line(d, first).slope)) for d in _pair()}
    said = _(
        "Along the %(count)s systems of the capability frontier that are official in both "
        "domains. Index points are divided by k, which is %(k)s for capability and %(other)s for "
        "safety. A straight line by least squares rises by"
    )
    yield Worked(
        ident="gap",
        title=_("The slopes, and the gap between them"),
        said=said
        % {
            "count": len(systems),
            "k": points(case.line("capability", first).slope, 5),
            "other": points(case.line("safety", first).slope, 5),
        },
        lines=(
            f"{_('safety')}: {signed(rates['safety'], 3)}, "
            f"{_('capability')}: {signed(rates['capability'], 3)}",
            f"{points(rates['safety'], 3)} − {points(rates['capability'], 3)}"
            f" = {signed(rates['safety'] - rates['capability'], 3)}",
        ),
        result=rates["safety"] - rates["capability"],
        stated=stored["gap"]["per_year"],
        where=_("the release's summary, from which the front page draws the gap"),
        digits=3,
        unit=_("goalpost points a year"),
        grid=_gap_grid(case, systems, first_slopes=[case.line(d, first).slope for d in _pair()]),
    )


def _pair() -> tuple[str, str]:
    return ("safety", "capability")


def _dots(case: Case, series: str, systems: Sequence[str], k: float) -> list[tuple[dt.date, float]]:
    found = [(case.systems[s].released_on, case.point(s, series)) for s in systems]
    return [(when, row.value / k) for when, row in found if row is not None]


def _gap_grid(case: Case, systems: Sequence[str], *, first_slopes: Sequence[float]) -> Grid:
    columns = [
        [points(value, 2) for _day, value in _dots(case, series, systems, k)]
        for series, k in zip(_pair(), first_slopes, strict=True)
    ]
    days = [case.systems[s].released_on for s in systems]
    names = [case.systems[s].name for s in systems]
    years = [points((when - days[0]).days / YEAR, 3) for when in days]
    return Grid(
        caption=_("Index points divided by k; years since the first of them came out."),
        heads=(_("System"), _("Years"), _("Safety"), _("Capability")),
        rows=tuple(zip(names, years, columns[0], columns[1], strict=True)),
        numeric=(False, True, True, True),
    )


def _slope(dots: Dots) -> float:
    """Least-squares slope a year."""
    years = [(when - dots[0][0]).days / YEAR for when, _value in dots]
    middle = math.fsum(years) / len(years)
    level = math.fsum(value for _day, value in dots) / len(dots)
    top = math.fsum((t - middle) * (v - level) for t, (_d, v) in zip(years, dots, strict=True))
    return top / math.fsum((t - middle) ** 2 for t in years)


def of_rung(case: Case) -> Iterator[Worked]:
    """The rung with most shared evals: weighted difference on what both were measured on."""
    rungs = [r for r in case.analyses.ladder if r["difference"] is not None]
    if rungs:
        rung = max(rungs, key=lambda r: (r["series"] == SERIES, r["shared"], r["newer_system"]))
        yield _rung(case, rung)
        yield _rung_interval(case, rung)


def _rung_interval(case: Case, rung: Row) -> Worked:
    """Half the width of the rung's interval, from the standard errors on its evals."""
    terms = [(r["weight"], r["newer_stderr"], r["older_stderr"]) for r in rung["evals"]]
    error = math.sqrt(math.fsum(w**2 * (new**2 + old**2) for w, new, old in terms))
    shown = " + ".join(
        f"{points(w, 4)}² · ({points(new, 2)}² + {points(old, 2)}²)" for w, new, old in terms
    )
    said = _(
        "The same two, %(newer)s and %(older)s, with the standard errors of their scores in "
        "points, the newer first."
    )
    return Worked(
        ident="rung-interval",
        title=_("The interval of that difference"),
        said=said
        % {
            "newer": case.systems[rung["newer_system"]].name,
            "older": case.systems[rung["older_system"]].name,
        },
        lines=(
            f"s = √( {shown} ) = {points(error, 4)}",
            f"1.96 · {points(error, 4)} = ± {points(1.96 * error, 2)}",
        ),
        result=1.96 * error,
        stated=(rung["high"] - rung["low"]) / 2,
        where=_("half the width of its interval in the release's like-for-like ladder"),
        unit=_("goalpost points"),
    )


def _rung(case: Case, rung: Row) -> Worked:
    basket = next(b for b in case.problem.baskets if b.id == rung["basket"])
    older, newer = rung["older_system"], rung["newer_system"]
    shares = {
        e: w
        for e, w in case.shares(rung["series"], basket).items()
        if case.score(older, e) is not None and case.score(newer, e) is not None
    }
    total = math.fsum(shares.values())
    rows = [
        (e, w / total, case.points(older, e, basket), case.points(newer, e, basket))
        for e, w in sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    ]
    result = math.fsum(w * (high - low) for _e, w, low, high in rows)
    said = _(
        "%(newer)s and %(older)s were both measured on %(count)s evals. Their weights, taken to "
        "sum to 1, and nothing else count: no fill, no link, no base. The 95%% interval is "
        "%(low)s to %(high)s."
    )
    return Worked(
        ident="rung",
        title=_("Two generations, like for like"),
        said=said
        % {
            "newer": case.systems[newer].name,
            "older": case.systems[older].name,
            "count": len(rows),
            "low": signed(rung["low"], 2),
            "high": signed(rung["high"], 2),
        },
        lines=(
            " + ".join(f"{points(w, 4)} · ({points(h - low, 2)})" for _e, w, low, h in rows)
            + f" = {signed(result, 2)}",
        ),
        result=result,
        stated=rung["difference"],
        where=_("the release's like-for-like ladder"),
        unit=_("goalpost points"),
        grid=Grid(
            caption=_("Points between goalposts on the shared evals."),
            heads=(_("Eval"), _("Weight"), case.systems[older].name, case.systems[newer].name),
            rows=tuple(
                (case.evals[e].name, points(w, 4), points(low, 2), points(h, 2))
                for e, w, low, h in rows
            ),
            numeric=(False, True, True, True),
        ),
    )


def of_saturation(case: Case) -> Iterator[Worked]:
    """The fitted date of a counted eval with most steps on its frontier."""
    newest = case.problem.baskets[-1]
    rows = [
        row
        for name, row in case.analyses.watch.items()
        if name in newest.weights
        and row["bounded"]
        and row["saturation"]["reason"] is None
        # Without a known error the target is the ceiling itself, not two errors below it.
        and row.get("error_known", True)
    ]
    if rows:
        yield _saturation(case, max(rows, key=lambda r: (r["saturation"]["steps"], r["eval"])))


def _saturation(case: Case, row: Row) -> Worked:
    steps = _frontier(case, row["eval"])
    margin = 2 * row["stderr"]
    origin = steps[0][0]
    logits = [(when, _logit(value)) for when, value in steps]
    b = _slope(logits)
    years = [(when - origin).days / YEAR for when, _value in logits]
    a = math.fsum(y for _d, y in logits) / len(logits) - b * math.fsum(years) / len(years)
    target = _logit(100 - margin)
    reached = (target - a) / b
    result = (origin + dt.timedelta(days=round(reached * YEAR))).isoformat()
    said = _(
        "The frontier of %(eval)s rose in %(count)s steps since %(origin)s. A straight line "
        "through their logits is y = a + b t, t in years; the ceiling less two standard errors "
        "of the present frontier is %(target)s points."
    )
    return Worked(
        ident="saturation",
        title=_("When an eval will be full, if its frontier goes on as it went"),
        said=said
        % {
            "eval": case.evals[row["eval"]].name,
            "count": len(steps),
            "origin": day(origin),
            "target": points(100 - margin, 3),
        },
        lines=(
            f"a = {points(a, 4)}, b = {points(b, 4)}, "
            f"logit({points(100 - margin, 3)}%) = {points(target, 4)}",
            f"t = ({points(target, 4)} − ({points(a, 4)})) / {points(b, 4)} = {points(reached, 3)}",
            f"{origin.isoformat()} + {points(reached, 3)} · {number(YEAR)} d = {result}",
        ),
        result=result,
        stated=row["saturation"]["on"],
        where=_("the release's saturation watch"),
        grid=Grid(
            caption=_("The steps of the frontier."),
            heads=(_("Released"), _("Points"), _("Logit")),
            rows=tuple(
                (day(when), points(value, 2), points(y, 4))
                for (when, value), (_d, y) in zip(steps, logits, strict=True)
            ),
            numeric=(False, True, True),
        ),
    )


def _frontier(case: Case, name: str) -> list[tuple[dt.date, float]]:
    """The running maximum of an eval's points by release date."""
    scale = case.problem.eval_by_id[name].scale
    basket = next(b for b in reversed(case.problem.baskets) if name in b.weights)
    ends = case.problem.goalposts(basket, name)
    marks = sorted(
        (case.systems[s.system].released_on, -in_points(s.value, scale, ends))
        for s in case.problem.scores
        if s.eval == name
    )
    steps: list[tuple[dt.date, float]] = []
    for when, minus in marks:
        if not steps or -minus > steps[-1][1]:
            steps.append((when, -minus))
    return steps


def _logit(value: float) -> float:
    share = min(max(value, 0.5), 99.5) / 100
    return math.log(share / (1 - share))
