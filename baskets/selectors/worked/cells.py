"""From scores to cells: points, the rule that chooses, and errors of single scores (1, 2, 6)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from baskets.charts.words import number, points
from baskets.engine import Basket
from baskets.selectors.analyses import Row
from baskets.selectors.scores import newest_decision
from baskets.selectors.worked.case import Case, in_points, number_of
from baskets.selectors.worked.example import Grid, Worked
from evals.models import Decision, Score

EXACT = 1e-9
Z95 = 1.959963984540054


def of_points(case: Case) -> Iterator[Worked]:
    """One score of each scale that the newest version counts, and one where lower is better."""
    watched = case.analyses.watch
    basket = case.problem.baskets[-1]
    wanted = {
        "linear": _("A score in per cent, from chance to the best attainable"),
        "lower": _("A score where lower is better"),
        "log": _("A score on the logarithmic scale"),
        "elo": _("A rating"),
    }
    for kind, title in wanted.items():
        found = [e for e in case.shares("headline", basket) if _kind(case, e, basket) == kind]
        shown = [(e, system) for e in found if (system := _best(case, e, watched.get(e)))]
        if shown:
            yield _in_points(case, kind, title, *min(shown, key=lambda s: _plain(case, s[0])))


def _kind(case: Case, name: str, basket: Basket) -> str:
    scale, ends = case.problem.eval_by_id[name].scale, case.problem.goalposts(basket, name)
    lower = scale == "linear" and ends.floor is not None and ends.floor > (ends.ceiling or 0)
    return "lower" if lower else scale


def _plain(case: Case, name: str) -> tuple[bool, str]:
    """Evals whose floor is chance come first: their goalposts show what goalposts are for."""
    ends = case.problem.goalposts(case.problem.baskets[-1], name)
    return (ends.floor in (0, None), name)


def _best(case: Case, name: str, watched: Row | None) -> str | None:
    """The system whose points the release states, else the newest one measured."""
    if watched and watched["frontier"]:
        return str(watched["frontier"])
    measured = [s.system for s in case.problem.scores if s.eval == name]
    return max(measured, key=lambda s: (case.systems[s].released_on, s), default=None)


def _in_points(case: Case, kind: str, title: str, name: str, system: str) -> Worked:
    basket = case.problem.baskets[-1]
    ends, value = case.problem.goalposts(basket, name), case.score(system, name)
    assert value is not None
    floor, ceiling = number(ends.floor), number(ends.ceiling)
    result = in_points(value, case.problem.eval_by_id[name].scale, ends)
    forms = {
        "log": f"p = 100 · ln({number(value)} / {floor}) / ln({ceiling} / {floor})",
        "elo": f"p = 100 / (1 + 10^(({number(ends.reference)} − {number(value)}) / 400))",
    }
    linear = f"p = 100 · ({number(value)} − {floor}) / ({ceiling} − {floor})"
    watched = case.analyses.watch.get(name)
    said = _(
        "%(system)s scored %(value)s on %(eval)s. Version %(version)s of the basket puts 0 points "
        "at %(floor)s and 100 at %(ceiling)s."
    )
    if kind == "elo":
        said = _("%(system)s is rated %(value)s on %(eval)s; %(reference)s stands for 50 points.")
    return Worked(
        ident=f"points-{kind}",
        title=title,
        said=said
        % {
            "system": case.systems[system].name,
            "value": number(value),
            "eval": case.evals[name].name,
            "version": number_of(basket),
            "floor": floor,
            "ceiling": ceiling,
            "reference": number(ends.reference),
        },
        lines=(f"{forms.get(kind, linear)} = {points(result, 3)}",),
        result=result,
        stated=watched["points"] if watched else None,
        where=_("the saturation watch, which lists this system's points"),
        digits=3,
        unit=_("points"),
    )


def of_selection(case: Case, excluded: list[dict[str, Any]]) -> Iterator[Worked]:
    """A cell with several scores, the widest apart: the rule applied to what the tables hold."""
    left = [
        row
        for row in excluded
        if row["reason"].startswith("another score stands")
        and (row["system"], row["eval"]) in case.problem.score_by_cell
    ]
    if not left:
        return
    row = max(left, key=lambda row: (abs(row["value"] - _counted(case, row)), row["eval"]))
    hidden = {
        other["content_hash"]
        for other in excluded
        if not other["reason"].startswith("another score stands")
    }
    candidates = [s for s in _accepted(case, row) if s.content_hash not in hidden]
    yield _selected(case, row["system"], row["eval"], row["reason"], candidates)


def _counted(case: Case, row: dict[str, Any]) -> float:
    return case.problem.score_by_cell[row["system"], row["eval"]].value


def _accepted(case: Case, row: dict[str, Any]) -> list[Score]:
    """The cell's accepted scores that the release could know."""
    scores = Score.objects.annotate(status=newest_decision("status")).filter(
        system__slug=row["system"],
        eval__slug=row["eval"],
        status=Decision.Status.ACCEPTED,
        recorded_at__lte=case.release.created_at,
    )
    if case.release.reconstructed:
        scores = scores.filter(observed_on__lte=case.release.vintage_on)
    return list(scores.select_related("eval"))


def _selected(case: Case, system: str, name: str, reason: str, candidates: list[Score]) -> Worked:
    rule = reason.split(": ", 1)[-1].split(" ", 1)[0]
    values = sorted(score.value for score in candidates)
    if candidates[0].eval.direction == "lower":
        values.reverse()
    newest = max(candidates, key=lambda score: score.observed_on).value
    middle = values[(len(values) - 1) // 2]
    result = {"best": values[-1], "worst": values[0], "median": middle, "latest": newest}[rule]
    forms = {
        "best": _("the best of %(values)s"),
        "worst": _("the worst of %(values)s"),
        "median": _("the median of %(values)s"),
        "latest": _("the latest of %(values)s"),
    }
    said = _("%(count)s scores of %(system)s on %(eval)s were accepted, under one protocol.")
    return Worked(
        ident="selection",
        title=_("A cell with several scores"),
        said=said
        % {
            "count": len(candidates),
            "system": case.systems[system].name,
            "eval": case.evals[name].name,
        },
        lines=(f"{forms[rule] % {'values': '; '.join(map(number, values))}} = {number(result)}",),
        result=result,
        stated=case.score(system, name),
        where=_("the sealed problem, which holds the one score that counts"),
        digits=2,
        tolerance=EXACT,
        grid=_candidates(candidates, case.score(system, name)),
    )


def _candidates(candidates: list[Score], counted: float | None) -> Grid:
    rows = [
        (
            number(score.value),
            score.get_reported_by_display(),
            score.observed_on.isoformat(),
            score.elicitation or _("not stated"),
            _("counts") if score.value == counted else _("stands aside"),
        )
        for score in candidates
    ]
    return Grid(
        caption=_("Every accepted score of the cell."),
        heads=(_("Score"), _("Reported by"), _("Observed"), _("Elicitation"), _("What became")),
        rows=tuple(rows),
        numeric=(False, False, False, False, False),
    )


def of_errors(case: Case) -> Iterator[Worked]:
    """The standard error of a score from its number of items, as the release lists it."""
    listed = {(e.system, e.eval): e for e in case.answer.errors if e.basis == "items"}
    for step in reversed(case.steps("capability")):
        system = step.system.slug
        cells = sorted(name for one, name in listed if one == system)
        for name in cells:
            item = case.problem.eval_by_id[name]
            score = case.problem.score_by_cell[system, name]
            if item.lower is not None and item.upper is not None and score.n_items:
                yield _jeffreys(case, system, name, listed[system, name].stderr)
                return


def of_published(case: Case) -> Iterator[Worked]:
    """The standard error that a published 95% interval gives."""
    listed = {(e.system, e.eval): e.stderr for e in case.answer.errors if e.basis == "published"}
    scores = Score.objects.filter(
        stderr=None, low__isnull=False, high__isnull=False, system__slug__in={s for s, _e in listed}
    )
    for score in scores.select_related("system", "eval").order_by("-observed_on", "content_hash"):
        key = (score.system.slug, score.eval.slug)
        if key in listed and case.score(*key) == score.value:
            yield _interval(case, score, listed[key])
            return


def _interval(case: Case, score: Score, stated: float) -> Worked:
    assert score.low is not None and score.high is not None
    low, high = number(score.low), number(score.high)
    result = (score.high - score.low) / (2 * Z95)
    form = f"s = ({high} − {low}) / (2 · 1.96)"
    if score.eval.scale == "log" and score.low > 0:
        result = score.value * math.log(score.high / score.low) / (2 * Z95)
        form = f"s = {number(score.value)} · ln({high} / {low}) / (2 · 1.96)"
    said = _(
        "%(system)s has %(value)s on %(eval)s, published with the 95%% interval from %(low)s to "
        "%(high)s."
    )
    return Worked(
        ident="published",
        title=_("The standard error behind a published interval"),
        said=said
        % {
            "system": score.system.name,
            "value": number(score.value),
            "eval": case.evals[score.eval.slug].name,
            "low": low,
            "high": high,
        },
        lines=(f"{form} = {points(result, 4)}",),
        result=result,
        stated=stated,
        where=_("the list of measurement errors in the bundle"),
        digits=4,
        unit=_("in the unit of the eval"),
    )


def _jeffreys(case: Case, system: str, name: str, stated: float) -> Worked:
    item, score = case.problem.eval_by_id[name], case.problem.score_by_cell[system, name]
    assert item.lower is not None and item.upper is not None and score.n_items
    span = item.upper - item.lower
    share = (score.value - item.lower) / span
    a, b = score.n_items * share + 0.5, score.n_items * (1 - share) + 0.5
    result = span * math.sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))
    said = _(
        "%(eval)s has %(items)s items and %(system)s scored %(value)s, a share of %(share)s. No "
        "error is published with it, so Jeffreys' rule gives one; the error of a filled cell is "
        "the model's own."
    )
    return Worked(
        ident="jeffreys",
        title=_("The standard error of one score"),
        said=said
        % {
            "eval": case.evals[name].name,
            "items": number(score.n_items),
            "system": case.systems[system].name,
            "value": number(score.value),
            "share": points(share, 4),
        },
        lines=(
            f"a = {number(score.n_items)} · {points(share, 4)} + ½ = {points(a, 3)}",
            f"b = {number(score.n_items)} · {points(1 - share, 4)} + ½ = {points(b, 3)}",
            f"s = {number(span)} · √( a b / ((a + b)² (a + b + 1)) ) = {points(result, 4)}",
        ),
        result=result,
        stated=stated,
        where=_("the list of measurement errors in the bundle"),
        digits=4,
        unit=_("in the unit of the eval"),
    )
