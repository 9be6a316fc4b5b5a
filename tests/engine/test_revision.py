"""Section 8: every term of why a value moved, worked by hand."""

import json

import pytest

from baskets.engine import (
    Imputed,
    OverlapChange,
    Problem,
    Revision,
    ScoreChange,
    compute,
    revisions,
)
from tests.engine.problems import Json, cells, changed, dense, item, linked
from tests.engine.vintages import (
    ALL,
    edited,
    opened,
    points,
    revision,
    score,
    term,
    vintage,
)

# dense(): k = 100 / 54, weights a .4, b .2, c .4; new has points 80, 100 and 90.
K = 100 / 54


def gap(points_of_b: float) -> Imputed:
    return Imputed("new", "b", "v1", points_of_b, None)


def without_b() -> Json:
    """dense() with a hole where `new` stands on b."""
    return edited(changed(dense(), imputation="model"), lambda p: score(p, "new", "b", None))


def test_nothing_happened_between_equal_releases() -> None:
    release = vintage(linked())
    found = revisions(release, release, series=ALL)
    assert len(found) == 4 * 4
    assert all(len(r.terms) == 6 and r.before == r.after for r in found)
    assert all(t.points == 0 and not t.evals and not t.scores for r in found for t in r.terms)


def test_a_new_score_counts_against_the_old_fill() -> None:
    before = vintage(without_b(), [gap(30)])
    after = vintage(changed(dense(), imputation="model"), [])
    found = revision(before, after, "new")
    assert points(found) == {"new_scores": pytest.approx(K * 0.2 * (100 - 30))}
    assert opened(found, "new_scores") == {("v1", "b"): pytest.approx(K * 0.2 * 70)}
    assert term(found, "new_scores").scores == (ScoreChange("new", "b", None, 100),)


def test_a_revised_score_counts_by_its_weight() -> None:
    found = revision(dense(), edited(dense(), lambda p: score(p, "new", "a", 90)), "new")
    assert points(found) == {"revised_scores": pytest.approx(K * 0.4 * 10)}
    assert opened(found, "revised_scores") == {("v1", "a"): pytest.approx(K * 0.4 * 10)}
    assert term(found, "revised_scores").scores == (ScoreChange("new", "a", 80, 90),)


def test_a_revised_base_moves_everybody() -> None:
    # The base falls from 54 to 50: the other system's 88 points are worth 176 and not 163.
    found = revision(dense(), edited(dense(), lambda p: score(p, "old", "a", 40)), "new")
    assert points(found) == {"revised_scores": pytest.approx(88 * (2 - K))}
    assert term(found, "revised_scores").scores == (ScoreChange("old", "a", 50, 40),)
    # a: from .4 (80 - 50) K to .4 (80 - 40) 2; b and c: only the price of a point.
    expected = {"a": 0.4 * 40 * 2 - 12 * K, "b": 10 * (2 - K), "c": 12 * (2 - K)}
    parts = opened(found, "revised_scores")
    assert {name: pytest.approx(p) for (_, name), p in parts.items()} == expected


def test_new_weights_and_goalposts_count_together() -> None:
    def edit(problem: Json) -> None:
        problem["baskets"][0] |= {
            "weights": {"a": 0.2, "b": 0.4, "c": 0.4},
            "goalposts": {"a": [0, 200]},
        }

    # a becomes 25 and 40, the base .2 25 + .4 50 + .4 60 = 49 points, the other 8 + 40 + 36 = 84.
    found = revision(dense(), edited(dense(), edit), "new")
    assert points(found) == {"weights": pytest.approx(100 * 84 / 49 - 100 * 88 / 54)}


def test_a_new_fill_counts_for_what_it_changed() -> None:
    found = revision(vintage(without_b(), [gap(30)]), vintage(without_b(), [gap(35)]), "new")
    assert points(found) == {"fill": pytest.approx(K * 0.2 * 5)}
    assert opened(found, "fill") == {("v1", "b"): pytest.approx(K * 0.2 * 5)}


def test_a_fill_names_the_scores_that_its_model_saw() -> None:
    def edit(problem: Json) -> None:
        problem["evals"] += [item("z"), item("q", "safety")]
        problem["systems"] += [{"id": "fresh", "released_on": "2025-06-01"}]
        problem["scores"] += cells({"fresh": {"a": 70, "q": 5}, "old": {"z": 5, "q": 1}})
        score(problem, "new", "a", 81)

    before, after = vintage(without_b(), [gap(30)]), vintage(edited(without_b(), edit), [gap(35)])
    found = term(revision(before, after, "new", "capability"), "fill")
    # The system's own first, then the domain's others, also on evals that no basket counts.
    assert [(c.system, c.eval) for c in found.scores] == [
        ("new", "a"),
        ("fresh", "a"),
        ("old", "z"),
    ]
    assert found.scores_total == 3
    assert term(revision(before, after, "new"), "fill").scores_total == 5


def third_overlap(problem: Json) -> None:
    """`new` gets the scores that it lacks on version 1 and joins the overlap."""
    problem["baskets"][1]["overlap"].append("new")


def measured_on_both() -> Json:
    return edited(linked(), lambda p: p["scores"].extend(cells({"new": {"a": 90, "s": 80}})))


def test_another_overlap_counts_as_link() -> None:
    # Additive, k = 100 / 45. The mean of the overlap on version 1 moves from 67.5 to 73.3 points,
    # on version 2 from 35 to 45: every value of version 2 falls by k (10 - 5.83).
    before, after = measured_on_both(), edited(measured_on_both(), third_overlap)
    found = revision(before, after, "new")
    shift = (60 + 75 + 85) / 3 - 67.5 - ((25 + 45 + 65) / 3 - 35)
    assert points(found) == {"link": pytest.approx(shift * 100 / 45)}
    assert term(found, "link").overlaps == (OverlapChange("headline", "v2", ("new",), ()),)


def test_a_score_that_makes_an_overlap_usable_counts_as_link_for_others() -> None:
    before = edited(linked(), third_overlap)
    after = edited(measured_on_both(), third_overlap)
    found = revision(before, after, "new")
    assert points(found).keys() == {"link"}
    changes = {(c.eval, c.before, c.after) for c in term(found, "link").scores}
    assert changes == {("a", None, 90), ("s", None, 80)}


def test_another_way_of_linking_counts_as_method() -> None:
    # 150 + 65 - 35 points at k = 100 / 45 against 150 at the ratio 65 / 35.
    found = revision(linked(), changed(linked(), link="ratio"), "new")
    assert points(found) == {"method": pytest.approx(150 * 65 / 35 - (150 + 30 * 100 / 45))}


def test_on_the_odds_scale_the_number_of_items_is_part_of_a_score() -> None:
    def edit(problem: Json) -> None:
        problem["scores"][4]["n_items"] = 10

    # b stands at 100 points, clipped to 99.5, and once ten items are known by half of one of them,
    # 5 of the unit, of which 80 make 100 points: to 93.75.
    before = changed(dense(), scale="odds")
    found = revision(before, edited(before, edit), "new")
    assert points(found).keys() == {"revised_scores"}
    ratio = (0.9375 / 0.0625) ** 0.2 / (0.995 / 0.005) ** 0.2
    assert found.after / found.before == pytest.approx(ratio)
    assert term(found, "revised_scores").scores == (ScoreChange("new", "b", 100, 100),)


def test_a_term_is_written_as_plain_json() -> None:
    before, after = measured_on_both(), edited(measured_on_both(), third_overlap)
    row = json.loads(json.dumps(term(revision(before, after, "new"), "link").to_json()))
    assert list(row) == ["kind", "points", "note", "evals", "scores", "scores_total", "overlaps"]
    assert row["evals"][0].keys() == {"eval", "basket", "points"}
    assert row["overlaps"] == [
        {"series": "headline", "basket": "v2", "joined": ["new"], "left": []}
    ]


def test_terms_add_up_in_their_order() -> None:
    def edit(problem: Json) -> None:
        score(problem, "new", "a", 90)
        problem["baskets"][0]["weights"] = {"a": 0.3, "b": 0.3, "c": 0.4}

    # Revised at the old weights (.4 of 10 points), the weights on the revised scores.
    found = revision(dense(), edited(dense(), edit), "new")
    revised = 100 * (0.4 * 90 + 0.2 * 100 + 0.4 * 90) / 54
    new = 100 * (0.3 * 90 + 0.3 * 100 + 0.4 * 90) / (0.3 * 50 + 0.3 * 50 + 0.4 * 60)
    expected = {"revised_scores": K * 0.4 * 10, "weights": new - revised}
    assert points(found) == {kind: pytest.approx(p) for kind, p in expected.items()}


def test_values_are_those_of_the_two_releases() -> None:
    before, after = vintage(linked()), vintage(changed(linked(), scale="odds"))
    for found in revisions(before, after, series=ALL):
        assert found.before == official(before.problem, found)
        assert found.after == official(after.problem, found)


def official(problem: Problem, found: Revision) -> float | None:
    in_force = problem.version_in_force(problem.system_by_id[found.system])
    return compute(problem).point_at[found.system, found.series, in_force.id].value


def test_only_systems_with_a_value_in_both_releases_have_one() -> None:
    after = edited(dense(), lambda p: score(p, "new", "c", None))
    found = revisions(vintage(dense()), vintage(after), series=["headline", "capability"])
    assert {(r.system, r.series) for r in found} == {
        ("old", "headline"),
        ("old", "capability"),
        ("new", "capability"),
    }


def test_a_series_that_a_release_does_not_have_has_none() -> None:
    with_subdomain = edited(dense(), lambda p: p["evals"][0].update({"subdomain": "coding"}))
    pair = vintage(with_subdomain), vintage(dense())
    assert revisions(*pair, series=["capability/coding", "speed"]) == ()
