"""Section 3: what fills a missing cell."""

import json
import math
import re

import numpy as np
import pytest

from baskets.engine.errors import BaseMissing
from tests.engine.problems import Json, answer_to, cells, changed, dense, item, linked, there, value


def sigmoid_world(*, shuffled: bool = False) -> tuple[Json, dict[tuple[str, str], float]]:
    """Thirty systems on twelve evals from one ability each; 40% hidden. Returns the hidden ones."""
    random = np.random.default_rng(5)
    ability, difficulty = random.normal(size=30), random.normal(size=12)
    sharpness = random.uniform(0.6, 1.8, size=12)
    shares = 100 / (1 + np.exp(-sharpness * (ability[:, None] - difficulty)))
    if shuffled:
        # Every system its own permutation of one eval's scores: nothing in common is left.
        shares = np.stack([random.permutation(column) for column in shares.T], axis=1)
    kept = random.random(shares.shape) < 0.6
    kept[0] = True
    table: dict[str, dict[str, float | None]] = {}
    hidden = {}
    for (s, e), share in np.ndenumerate(shares):
        if kept[s, e]:
            table.setdefault(f"s{s:02}", {})[f"e{e:02}"] = float(share)
        else:
            hidden[f"s{s:02}", f"e{e:02}"] = float(share)
    names = [f"e{e:02}" for e in range(12)]
    problem = {
        "method": {"base": "s00"},
        "evals": [item(name) for name in names],
        "systems": [{"id": f"s{s:02}"} for s in range(30)],
        "scores": cells(table),
        "baskets": [{"id": "v1", "weights": dict.fromkeys(names, 1)}],
    }
    return problem, hidden


def misses(problem: Json, hidden: dict[tuple[str, str], float]) -> list[float]:
    filled = answer_to(problem).filled
    return [filled[s, e, "v1"] - points for (s, e), points in hidden.items()]


def test_the_model_finds_hidden_cells_of_a_one_dimensional_world() -> None:
    found = misses(*sigmoid_world())
    assert math.sqrt(sum(m * m for m in found) / len(found)) < 5


def test_difficulty_is_part_of_the_fill() -> None:
    # One weak and one strong system seen on easy evals only: the hard eval is filled low for both.
    problem, _ = sigmoid_world()
    problem["evals"].append(item("hard"))
    problem["baskets"][0]["weights"]["hard"] = 1
    for system in [f"s{s:02}" for s in range(20)]:
        problem["scores"].append({"system": system, "eval": "hard", "value": 2})
    filled = answer_to(problem).filled
    assert all(filled[f"s{s}", "hard", "v1"] < 12 for s in range(20, 30))


def test_it_falls_back_to_the_mean_where_nothing_is_shared() -> None:
    problem, _ = sigmoid_world(shuffled=True)
    report = answer_to(problem).imputation["capability"]
    assert isinstance(report, dict) and report["chosen"] == "eval-mean"
    means: dict[str, list[float]] = {}
    for score in problem["scores"]:
        means.setdefault(score["eval"], []).append(score["value"])
    for cell in answer_to(problem).imputed:
        assert cell.points == pytest.approx(np.mean(means[cell.eval]), abs=1e-6)


def test_the_choice_is_recorded_with_its_held_out_errors() -> None:
    report = answer_to(sigmoid_world()[0]).imputation["capability"]
    assert isinstance(report, dict)
    rmse = report["cv_rmse"]
    assert report["cells"] == len(sigmoid_world()[0]["scores"])
    assert rmse["one-dimensional"] < rmse["eval-mean"] / 2
    assert report["chosen"] in ("one-dimensional", "one-factor", "two-factor")


def test_filling_is_deterministic() -> None:
    problem, _ = sigmoid_world()
    assert answer_to(problem).imputed == answer_to(problem).imputed


def test_every_fill_stays_within_the_goalposts_with_a_positive_error() -> None:
    imputed = answer_to(sigmoid_world()[0]).imputed
    assert imputed and all(0 <= c.points <= 100 for c in imputed)
    assert all(c.stderr is not None and c.stderr > 0 for c in imputed)


def test_stated_errors_are_about_as_large_as_real_ones() -> None:
    problem, hidden = sigmoid_world()
    for score in problem["scores"]:
        # Nothing was measured with an error here; left unsaid, 3 points would be assumed.
        score["stderr"] = 0
    stderr = {(c.system, c.eval): c.stderr for c in answer_to(problem).imputed}
    ratios = [
        miss / (stderr[cell] or 1)
        for cell, miss in zip(hidden, misses(problem, hidden), strict=True)
    ]
    assert 0.3 < math.sqrt(sum(r * r for r in ratios) / len(ratios)) < 3


def test_cells_outside_the_basket_inform_the_fill() -> None:
    problem, _ = sigmoid_world()
    before = answer_to(problem).filled
    problem["baskets"][0]["weights"] = {"e00": 1, "e01": 1}
    after = answer_to(problem).filled
    assert {key: before[key] for key in after} == after


def test_only_systems_seen_in_the_domain_are_filled() -> None:
    problem, _ = sigmoid_world()
    problem["systems"].append({"id": "unseen"})
    answer = answer_to(problem)
    assert not [c for c in answer.imputed if c.system == "unseen"]
    assert value(answer, "unseen") is None


def test_a_log_score_above_its_milestone_enters_the_fit_as_100() -> None:
    problem, _ = sigmoid_world()
    first = problem["evals"][0]
    first |= {"scale": "log", "floor": 1, "ceiling": 2, "lower": None, "upper": None}
    for score in problem["scores"]:
        if score["eval"] == "e00":
            score["value"] = 8
    answer = answer_to(problem)
    assert there(answer, "s00", "capability") == 100
    assert all(c.points <= 100 for c in answer.imputed if c.eval == "e00")


def test_a_fill_is_the_same_value_under_each_versions_goalposts() -> None:
    problem, _ = sigmoid_world()
    second = problem["baskets"][0] | {"id": "v2", "effective_on": "2026-01-01"}
    second |= {"goalposts": {"e01": [-100, 100]}, "overlap": ["s00", "s01"]}
    problem["baskets"].append(second)
    filled = answer_to(problem).filled
    both = [(s, e) for s, e, basket in filled if basket == "v1" and e == "e01"]
    assert both
    for system, name in both:
        expected = 50 + filled[system, name, "v1"] / 2
        assert filled[system, name, "v2"] == pytest.approx(expected, abs=1e-5)


def test_a_new_version_leaves_the_old_fills_as_they_were() -> None:
    problem, _ = sigmoid_world()
    before = answer_to(problem).filled
    second = problem["baskets"][0] | {"id": "v2", "effective_on": "2026-01-01"}
    problem["baskets"].append(second | {"goalposts": {"e01": [5, 90]}, "overlap": ["s00", "s01"]})
    after = answer_to(problem).filled
    assert {key: points for key, points in after.items() if key[2] == "v1"} == before


def test_strict_gives_no_value_where_a_cell_is_missing() -> None:
    problem = dense()
    problem["scores"] = [s for s in problem["scores"] if (s["system"], s["eval"]) != ("new", "b")]
    answer = answer_to(problem)
    assert value(answer, "new", "capability") is None and value(answer, "new") is None
    assert value(answer, "new", "safety") == pytest.approx(150)
    assert answer.imputed == ()


def tree() -> Json:
    """One domain with subdomains p (a, b) and q (c, d), base 50 on each."""
    names = {"a": "p", "b": "p", "c": "q", "d": "q"}
    return {
        "method": {"base": "old", "imputation": "parental"},
        "evals": [item(name, subdomain=sub) for name, sub in names.items()],
        "systems": [{"id": "new"}, {"id": "old"}],
        "scores": cells({"old": dict.fromkeys(names, 50), "new": {"a": 70}}),
        "baskets": [{"id": "v1", "weights": {"a": 1, "b": 3, "c": 2, "d": 2}}],
    }


def filled_points(problem: Json) -> dict[str, float]:
    return {c.eval: c.points for c in answer_to(problem).imputed}


def test_parental_gives_the_siblings_change_to_the_subdomain_then_to_the_domain() -> None:
    assert filled_points(tree()) == {"b": 70, "c": 70, "d": 70}


def test_parental_prefers_the_nearest_siblings() -> None:
    problem = tree()
    problem["scores"] += cells({"new": {"c": 40}})
    assert filled_points(problem) == {"b": 70, "d": 40}


def test_parental_weighs_subdomains_that_have_siblings() -> None:
    problem = tree()
    problem["evals"].append(item("e", subdomain="r"))
    problem["baskets"][0]["weights"]["e"] = 1
    problem["scores"] += cells({"old": {"e": 30}, "new": {"c": 40}})
    # p moves 20 with weight 4, q moves -10 with weight 4: 5 on average; e goes from 30 to 35.
    assert filled_points(problem)["e"] == 35


def test_parental_leaves_the_index_of_the_observed_cells_alone() -> None:
    # Base 50 everywhere, so every change of 20 points is 40 index points.
    assert there(answer_to(tree()), "new") == pytest.approx(140)


def test_parental_stays_within_the_goalposts() -> None:
    problem = tree()
    problem["scores"] = cells({"old": {"a": 10, "b": 90, "c": 50, "d": 50}, "new": {"a": 60}})
    assert filled_points(problem)["b"] == 100


def test_parental_needs_a_complete_base() -> None:
    problem = tree()
    problem["scores"] = [s for s in problem["scores"] if (s["system"], s["eval"]) != ("old", "b")]
    with pytest.raises(BaseMissing):
        answer_to(problem)


def test_a_tiny_domain_is_filled_by_eval_means() -> None:
    problem = changed(linked(), imputation="model")
    filled = answer_to(problem).filled
    # b: (20 + 40 + 70) / 3 for old, which nobody measured there.
    assert filled["old", "b", "v2"] == pytest.approx(130 / 3, abs=1e-6)


def test_the_report_says_how_often_held_out_cells_lay_in_their_interval() -> None:
    problem, _ = sigmoid_world()
    for score in problem["scores"]:
        score["stderr"] = 0
    report = answer_to(problem).imputation["capability"]
    assert isinstance(report, dict)
    assert report["judged"] == report["cells"]
    assert 0.85 <= report["interval_coverage"] <= 1


def test_where_nothing_is_missing_nothing_is_fitted() -> None:
    problem, hidden = sigmoid_world()
    problem["scores"] += [
        {"system": s, "eval": e, "value": points} for (s, e), points in hidden.items()
    ]
    answer = answer_to(problem)
    assert answer.imputed == () and answer.imputation == {}


def test_names_do_not_matter_beyond_the_folds_that_they_decide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem, _ = sigmoid_world()
    whole = json.dumps(problem)
    turned = json.loads(re.sub(r'"s(\d\d)"', lambda m: f'"s{99 - int(m[1])}"', whole))
    monkeypatch.setattr(
        "baskets.engine.crossvalidate.folds_of",
        lambda names: np.array([int(e[1:]) % 5 for _, e in names], dtype=np.intp),
    )
    before, after = answer_to(problem).filled, answer_to(turned).filled
    assert len(before) == len(after)
    for (system, name, basket), points in before.items():
        assert after[f"s{99 - int(system[1:])}", name, basket] == pytest.approx(points, abs=1e-5)


def test_a_large_table_is_judged_on_a_sample_and_filled_from_all_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("baskets.engine.crossvalidate.LARGE_TABLE", 120)
    problem, hidden = sigmoid_world()
    report = answer_to(problem).imputation["capability"]
    assert isinstance(report, dict)
    assert 120 <= report["judged"] < 140 < report["cells"]
    found = misses(problem, hidden)
    assert math.sqrt(sum(m * m for m in found) / len(found)) < 6


def test_a_developers_residuals_are_carried_over_where_they_help() -> None:
    # Every fourth system's developer does 20 points better on three evals than its ability says.
    problem, hidden = sigmoid_world()
    lifted = {f"e{n:02}" for n in (1, 4, 8)}
    for n, system in enumerate(problem["systems"]):
        system |= {"developer": f"d{n % 4}", "released_on": f"2024-{n % 12 + 1:02}-01"}
    of_lucky = {f"s{n:02}" for n in range(0, 30, 4)}
    for score in problem["scores"]:
        if score["system"] in of_lucky and score["eval"] in lifted:
            score["value"] = min(score["value"] + 20, 100)
    answer = answer_to(problem)
    report = answer.imputation["capability"]
    assert isinstance(report, dict) and report["kin_shrink"] is not None
    for system, name in hidden:
        if system in of_lucky and name in lifted:
            assert answer.filled[system, name, "v1"] > hidden[system, name] + 5
