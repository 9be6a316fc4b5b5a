"""Section 8: what each step substitutes, and what happens where a step has no number."""

import pytest

from baskets.engine import Imputed, Problem, compute, revisions
from baskets.engine.acting import MOST_SCORES
from baskets.engine.errors import BaseTooLow
from baskets.engine.impute import fit_domain
from tests.engine.problems import Json, cells, changed, dense, item, linked, there
from tests.engine.vintages import edited, points, revision, score, term, vintage


def table(*, systems: int = 6, method: str = "model") -> Json:
    """`systems` measured on four evals of each of two domains, the base on all, others not."""
    names = ("a", "b", "c", "d", "s", "t", "u", "v")
    rows = {
        f"m{n}": {name: 30 + 7 * n + 3 * k for k, name in enumerate(names) if (n + k) % 4 or not n}
        for n in range(systems)
    }
    return {
        "method": {"base": "m0", "imputation": method, "min_evals": 1},
        "evals": [item(name, "safety" if name in "stuv" else "capability") for name in names],
        "systems": [{"id": name, "released_on": "2025-01-01"} for name in rows],
        "scores": cells(rows),
        "baskets": [
            {"id": "v1", "effective_on": "2024-01-01", "weights": dict.fromkeys(names[:3], 1)}
        ],
    }


def with_safety(problem: Json) -> None:
    problem["baskets"][0]["weights"] |= {"s": 2, "t": 1}


WHOLE = edited(table(), with_safety)


def predicted(problem: Json, system: str, name: str, wanted: set[str]) -> float:
    """The fitted model's points of a cell."""
    read = Problem.from_json(problem)
    fit = fit_domain(read, read.eval_by_id[name].domain, wanted)
    return float(fit.predicted.points[fit.systems.index(system), fit.evals.index(name)])


def test_a_withdrawn_score_gives_way_to_the_old_models_prediction() -> None:
    after = edited(WHOLE, lambda p: score(p, "m2", "a", None))
    found = revision(WHOLE, after, "m2", "capability")
    base = 30 + 33 + 36
    withdrawn = predicted(WHOLE, "m2", "a", set("abc")) - 44
    assert points(found)["revised_scores"] == pytest.approx(100 / base * withdrawn, abs=1e-4)
    assert [(c.eval, c.before, c.after) for c in term(found, "revised_scores").scores] == [
        ("a", 44, None)
    ]


def test_the_old_model_predicts_evals_that_a_new_basket_counts() -> None:
    after = edited(WHOLE, lambda p: p["baskets"][0]["weights"].update({"d": 1}))
    found = revision(WHOLE, after, "m1", "capability")
    before = compute(Problem.from_json(WHOLE))
    filled = predicted(WHOLE, "m1", "d", set("abcd"))
    level = there(before, "m1", "capability") / 100 * (30 + 33 + 36) + filled
    assert points(found)["weights"] == pytest.approx(
        100 * level / (30 + 33 + 36 + 39) - there(before, "m1", "capability"), abs=1e-4
    )


def test_an_eval_that_nobody_was_measured_on_gets_the_models_prior() -> None:
    def edit(problem: Json) -> None:
        problem["evals"].append(item("new"))
        problem["baskets"][0]["weights"]["new"] = 1

    after = edited(WHOLE, edit)
    found = revision(WHOLE, after, "m1", "capability")
    fit_to = edited(WHOLE, lambda p: p["evals"].append(item("new")))
    own, base = (predicted(fit_to, system, "new", {"new"}) for system in ("m1", "m0"))
    expected = 100 * (37 + 40 + 43 + own) / (30 + 33 + 36 + base) - 100 * 120 / 99
    assert points(found)["weights"] == pytest.approx(expected, abs=1e-4)


def test_recorded_fills_follow_the_new_goalposts() -> None:
    goalposts = {"a": [0, 50], "b": [0, 50], "c": [0, 50]}
    after = edited(WHOLE, lambda p: p["baskets"][0].update({"goalposts": goalposts}))
    old = vintage(WHOLE, [Imputed("m3", "b", "v1", 20.0, None)])
    new = vintage(after, [Imputed("m3", "b", "v1", 40.0, None)])
    # m3 has 51 on a and 57 on c, the base 30, 33 and 36: doubled, clipped at 100.
    found = revision(old, new, "m3", "capability")
    expected = 100 * (100 + 40 + 100) / (60 + 66 + 72) - 100 * (51 + 20 + 57) / 99
    assert points(found) == {"weights": pytest.approx(expected)}


def test_new_systems_act_only_through_fill_and_link() -> None:
    def edit(problem: Json) -> None:
        problem["systems"].append({"id": "m9", "released_on": "2025-05-01"})
        problem["scores"] += cells({"m9": {"a": 99, "b": 5, "s": 60, "t": 90}})

    found = revisions(vintage(WHOLE), vintage(edited(WHOLE, edit)), series=["headline"])
    assert {kind for r in found for kind in points(r)} == {"fill"}
    assert "m9" not in {r.system for r in found}


def test_a_new_system_in_an_overlap_counts_as_link() -> None:
    def edit(problem: Json) -> None:
        problem["systems"].append({"id": "also", "released_on": "2025-01-01"})
        problem["scores"] += cells({"also": {"a": 70, "s": 65, "b": 20, "t": 35}})
        problem["baskets"][1]["overlap"].append("also")

    found = revision(linked(), edited(linked(), edit), "new")
    assert points(found).keys() == {"link"}
    assert term(found, "link").overlaps[0].joined == ("also",)
    assert {c.system for c in term(found, "link").scores} == {"also"}


def test_a_withdrawal_takes_a_system_out_of_the_overlap_at_once() -> None:
    before = edited(linked(), lambda p: p["scores"].extend(cells({"new": {"a": 90, "s": 80}})))
    before["baskets"][1]["overlap"].append("new")
    after = edited(before, lambda p: score(p, "mid", "s", None))
    found = revision(before, after, "new", "safety")
    assert points(found).keys() == {"revised_scores"}
    assert term(found, "revised_scores").overlaps[0].left == ("mid",)


def test_a_new_version_brings_its_own_link_and_moves_systems_onto_it() -> None:
    first = edited(linked(), lambda p: p["baskets"].pop())
    first["scores"] += cells({"new": {"a": 90, "s": 80}})
    second = edited(linked(), lambda p: p["scores"].extend(cells({"new": {"a": 90, "s": 80}})))
    found = revision(first, second, "new")
    assert points(found) == {"weights": pytest.approx(found.after - found.before)}
    baskets = {(e.basket, e.eval) for e in term(found, "weights").evals}
    assert baskets == {("v1", "a"), ("v1", "s"), ("v2", "b"), ("v2", "t")}


def test_a_refused_mixture_is_counted_in_the_next_step() -> None:
    def edit(problem: Json) -> None:
        score(problem, "old", "a", 5)
        problem["baskets"][0]["weights"] = {"b": 0.6, "c": 0.4}

    before = edited(dense(), lambda p: p["baskets"][0].update({"weights": {"a": 0.6, "c": 0.4}}))
    found = revision(before, edited(before, edit), "new")
    assert term(found, "revised_scores").note == "refused: BaseTooLow"
    assert term(found, "revised_scores").scores[0].after == 5
    assert points(found) == {"weights": pytest.approx(found.after - found.before)}


def test_a_system_without_a_value_in_between_is_counted_in_the_next_step() -> None:
    def edit(problem: Json) -> None:
        score(problem, "new", "b", None)
        problem["baskets"][0]["weights"] = {"a": 0.6, "c": 0.4}

    found = revision(dense(), edited(dense(), edit), "new")
    assert term(found, "revised_scores").note == "no value"
    assert points(found) == {"weights": pytest.approx(found.after - found.before)}


def test_fills_of_another_imputation_count_as_method() -> None:
    found = revision(WHOLE, changed(WHOLE, imputation="parental"), "m2")
    assert points(found).keys() == {"method"}
    assert term(found, "fill").note == "with the method"


def test_parental_fills_of_withdrawn_scores_move_with_the_siblings() -> None:
    before = edited(table(method="parental"), with_safety)
    score(before, "m1", "b", 60)
    found = revision(
        before, edited(before, lambda p: score(p, "m1", "b", None)), "m1", "capability"
    )
    # On a and c m1 is 7 points above the base, which has 33 on b.
    assert points(found) == {"revised_scores": pytest.approx((40 - 60) * 100 / 99)}
    assert term(found, "revised_scores").scores_total == 1


def test_a_longer_list_of_scores_is_cut_and_counted() -> None:
    def edit(problem: Json) -> None:
        for n in range(1, 40):
            problem["systems"].append({"id": f"x{n:02}"})
            problem["scores"] += cells({f"x{n:02}": {"a": 50 + n, "b": 40 + n}})

    found = term(revision(WHOLE, edited(WHOLE, edit), "m2", "capability"), "fill")
    assert len(found.scores) == MOST_SCORES and found.scores_total == 78
    # One score of every eval stands before the second of any.
    assert [c.eval for c in found.scores[:4]] == ["a", "b", "a", "b"]


def test_a_release_that_the_engine_refuses_is_refused_here_too() -> None:
    low = vintage(edited(dense(), lambda p: score(p, "old", "c", 99)), [])
    for pair in ((vintage(dense()), low), (low, vintage(dense()))):
        with pytest.raises(BaseTooLow):
            revisions(*pair, series=["headline"])


def test_a_score_of_a_system_known_elsewhere_needs_no_model_of_it() -> None:
    # m5 is new to safety: it has no value there before, and nobody's chain runs through it.
    def without(problem: Json) -> None:
        for name in "stuv":
            score(problem, "m5", name, None)

    before = edited(WHOLE, without)
    after = edited(before, lambda p: score(p, "m5", "s", 50))
    found = revisions(vintage(before), vintage(after), series=["safety", "capability"])
    assert ("m5", "safety") not in {(r.system, r.series) for r in found}
    assert {kind for r in found for kind in points(r)} <= {"fill"}
