"""What there is to say of an event below its title: the level, what was before, noise and cause."""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from alerts.models import Event
from alerts.numbers import (
    domain_label,
    in_unit,
    interval,
    label,
    of_points,
    points,
    previous_name,
    probability,
    signed,
    system_name,
)
from alerts.rules import PROGRESS, Cause, Kind

LEAST_REST = 0.1
"""Index points; less of other causes is lost in the rounding."""

LEVELS = (Kind.MOVED, Kind.RANK, Kind.REVISED)


def standing(event: Event) -> str:
    """What holds since then."""
    if event.kind == Kind.FRONTIER:
        return _frontier(event)
    if event.kind in LEVELS:
        return _value(event)
    if event.kind == Kind.BASELINE:
        return _best(event)
    if event.kind == Kind.REGRESSION:
        return _rung(event)
    if event.kind == Kind.GAP:
        return _gap(event)
    if event.kind == Kind.PUBLISHED and event.version is not None:
        named = {"day": date_format(event.version.effective_on)}
        return gettext("It counts for systems that came out on %(day)s or later.") % named
    if event.kind == Kind.SILENT and event.since is not None:
        return _heard(event)
    return ""


def _frontier(event: Event) -> str:
    named = _level(event)
    if not named["interval"]:
        return gettext("The %(series)s now stands at %(value)s.") % named
    return gettext("The %(series)s now stands at %(value)s (95%% interval %(interval)s).") % named


def _value(event: Event) -> str:
    named = _level(event)
    if not named["interval"]:
        return gettext("%(system)s now stands at %(value)s in the %(series)s.") % named
    return (
        gettext(
            "%(system)s now stands at %(value)s in the %(series)s (95%% interval %(interval)s)."
        )
        % named
    )


def _level(event: Event) -> dict[str, object]:
    return {
        "system": system_name(event),
        "series": label(event.series),
        "value": points(event.after or 0.0),
        "interval": interval(event.low, event.high),
    }


def _best(event: Event) -> str:
    named = {
        "value": in_unit(event, event.after or 0.0),
        "baseline": in_unit(event, float(str(event.facts.get("baseline", 0.0)))),
        "system": system_name(event),
    }
    return gettext("Its best score is %(value)s, by %(system)s; people score %(baseline)s.") % named


def _rung(event: Event) -> str:
    named = {
        "points": of_points(event.move or 0.0),
        "domain": domain_label(event.series),
        "previous": previous_name(event),
    }
    if (event.move or 0.0) < 0:
        text = gettext(
            "On the %(domain)s evals that both were measured on it lies %(points)s below "
            "%(previous)s, of 100 between floor and ceiling."
        )
    else:
        text = gettext(
            "On the %(domain)s evals that both were measured on it lies %(points)s above "
            "%(previous)s, of 100 between floor and ceiling."
        )
    return text % named


def _gap(event: Event) -> str:
    named = {"domain": domain_label(event.series), "rate": signed(event.after or 0.0)}
    return (
        gettext(
            "Along the systems of the capability frontier %(domain)s gains %(rate)s points a year "
            "on capability."
        )
        % named
    )


def _heard(event: Event) -> str:
    assert event.since is not None
    named = {"at": date_format(event.since, "DATETIME_FORMAT")}
    if event.recovered:
        return gettext("It answered on %(at)s (UTC).") % named
    return gettext("It last answered on %(at)s (UTC).") % named


def previous(event: Event) -> str:
    """What held before."""
    if event.before is None:
        return ""
    named = {"system": previous_name(event), "value": points(event.before)}
    if event.kind == Kind.FRONTIER and event.previous_system_id == event.system_id:
        return gettext("It stood at %(value)s in the release before.") % named
    if event.kind == Kind.FRONTIER:
        return gettext("The frontier before was %(system)s at %(value)s.") % named
    if event.kind == Kind.RANK:
        return gettext("It passed %(system)s at %(value)s.") % named
    if event.kind in (Kind.MOVED, Kind.REVISED):
        return gettext("It stood at %(value)s in the release before.") % named
    if event.kind == Kind.GAP:
        named = {"rate": signed(event.before)}
        return gettext("In the release before it was %(rate)s points a year.") % named
    return ""


def noise(event: Event) -> str:
    """What the interval of the move says, and how probable it is that it is real."""
    if event.move_low is None or event.move_high is None or event.move is None:
        return ""
    said = _ends(event)
    if event.facts.get("returned"):
        again = gettext(
            "It lay ahead before; within the noise that is no news, and nobody is told."
        )
        said = f"{said} {again}"
    if event.probability is None:
        return said
    sure = gettext("The probability that it is real is %(probability)s.") % {
        "probability": probability(event.probability)
    }
    return f"{said} {sure}"


def _ends(event: Event) -> str:
    assert event.move_low is not None and event.move_high is not None
    if event.kind == Kind.BASELINE:
        ends = {"low": _in_unit(event, event.move_low), "high": _in_unit(event, event.move_high)}
        return gettext("The 95%% interval of the distance is %(low)s to %(high)s.") % ends
    ends = {"low": signed(event.move_low), "high": signed(event.move_high)}
    if event.move_low <= 0 <= event.move_high:
        text = gettext(
            "The 95%% interval of the difference, %(low)s to %(high)s points, includes zero: "
            "it may be noise."
        )
    else:
        text = gettext("The 95%% interval of the difference is %(low)s to %(high)s points.")
    return text % ends


def _in_unit(event: Event, value: float) -> str:
    return ("+" if value > 0 else "") + in_unit(event, value)


def cause(event: Event) -> str:
    """Why it happened; a move by anything but scores is said to be no progress."""
    if event.kind == Kind.REVISED:
        said = [_revised(event)]
    elif event.kind in (Kind.PUBLISHED, Kind.SILENT):
        said = [_of_record(event)]
    elif event.kind == Kind.LIFECYCLE:
        said = [_of_state(event), _why(event)]
    else:
        said = [_why(event), _taken_back(event)]
    return " ".join(filter(None, (*said, shares(event), rest(event))))


def _why(event: Event) -> str:
    texts = {
        Cause.NEW_SYSTEM: gettext("The cause: a system that was not measured before."),
        Cause.NEW_SCORE: gettext("The cause: scores that were not known before."),
        Cause.REVISION: gettext("The cause: scores that were revised or withdrawn."),
        Cause.WEIGHTS: gettext("The cause: new weights or goalposts."),
        Cause.LINK: gettext("The cause: the systems that link two basket versions."),
        Cause.IMPUTATION: gettext("The cause: the model that fills missing scores."),
        Cause.METHOD: gettext("The cause: a change of method."),
        Cause.TIME: gettext("The cause: time that passed; no score was added or taken away."),
    }
    said = texts.get(Cause(event.cause), "")
    if event.kind in (Kind.FRONTIER, Kind.MOVED, Kind.RANK) and event.cause not in PROGRESS:
        return f"{said} {gettext('That is no progress of the system.')}"
    return said


def _revised(event: Event) -> str:
    count = int(str(event.facts.get("count", 1)))
    text = ngettext(
        "Scores that were revised or withdrawn moved %(count)s published value by 0.05 points or "
        "more; this one by %(move)s.",
        "Scores that were revised or withdrawn moved %(count)s published values by 0.05 points or "
        "more, this one most: by %(move)s.",
        count,
    )
    return text % {"count": count, "move": signed(event.move or 0.0)}


def _of_record(event: Event) -> str:
    if event.kind == Kind.PUBLISHED:
        return gettext("What new weights change is no progress and no decline of any system.")
    if event.kind == Kind.SILENT:
        return "" if event.recovered else gettext("The index does not see what appears there.")
    return ""


def _of_state(event: Event) -> str:
    if event.facts.get("state") == "saturating":
        return gettext(
            "Its best scores are within their noise of the ceiling: it no longer tells the newest "
            "systems apart."
        )
    if event.recovered and event.facts.get("before") == "saturating":
        return gettext(
            "Its best scores are no longer within their noise of the ceiling: it tells the newest "
            "systems apart again."
        )
    return ""


def _taken_back(event: Event) -> str:
    if event.kind != Kind.FRONTIER or not event.recovered:
        return ""
    named = {"system": previous_name(event)}
    return gettext("That takes back the lead of %(system)s.") % named


def shares(event: Event) -> str:
    """What scores themselves moved, and what the fill that follows from them did."""
    scores, fill = event.facts.get("scores"), event.facts.get("fill")
    if scores is None or fill is None:
        return ""
    previous = event.facts.get("whose") == "previous"
    named = {
        "system": previous_name(event) if previous else system_name(event),
        "scores": signed(float(scores)),
        "fill": signed(float(fill)),
    }
    return (
        gettext(
            "The scores themselves moved %(system)s by %(scores)s points, and the estimates of "
            "missing scores that follow from them by %(fill)s."
        )
        % named
    )


def rest(event: Event) -> str:
    """That other causes moved a value too, where they did so by `LEAST_REST` or more."""
    own = event.kind != Kind.FRONTIER or event.previous_system_id == event.system_id
    if event.kind not in (Kind.MOVED, Kind.REVISED, Kind.FRONTIER) or not own:
        return ""
    if event.before is None or event.after is None or event.move is None:
        return ""
    whole = event.after - event.before
    if round(abs(whole - event.move), 6) < LEAST_REST:
        return ""
    text = gettext("In all its value changed by %(whole)s points; the rest has other causes.")
    return text % {"whole": signed(whole)}
