"""Addresses of the public pages."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from baskets.models.own import ID_LENGTH, SIGNS
from baskets.views import (
    baskets,
    challenges,
    compare,
    data,
    embed,
    evals,
    feed,
    generations,
    history,
    home,
    latest,
    lists,
    methodology,
    own,
    own_pages,
    releases,
    search,
    social,
    stability,
    systems,
    twins,
    whatif,
)


class Name(StringConverter):
    """The name of a system or an eval: as a slug, with dots, as in gpt-3.5."""

    regex = r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}"


class Twin(StringConverter):
    """What follows the name of a chart."""

    regex = r"json|csv|metadata\.json|svg|png"


class Own(StringConverter):
    """The public id of a reader's own basket."""

    regex = rf"[{SIGNS}]{{{ID_LENGTH}}}"


register_converter(Name, "name")
register_converter(Own, "own")
register_converter(Twin, "twin")

app_name = "baskets"
urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("generations/", generations.generations, name="generations"),
    path("systems/", lists.systems, name="systems"),
    path("systems.csv", lists.systems_csv, name="systems-csv"),
    path("systems/<name:slug>/", systems.system, name="system"),
    path("evals/", lists.evals, name="evals"),
    path("evals.csv", lists.evals_csv, name="evals-csv"),
    path("evals/<name:slug>/", evals.eval_page, name="eval"),
    path("baskets/", baskets.baskets, name="baskets"),
    path("baskets/<slug:slug>/", baskets.basket, name="basket"),
    path("baskets/<slug:slug>/history/", history.history, name="basket-history"),
    path("baskets/<slug:slug>/challenges/", challenges.challenges, name="challenges"),
    path("baskets/<slug:slug>/challenges/<name:item>/", challenges.challenge, name="challenge"),
    path("baskets/<slug:slug>/what-if/", whatif.whatif, name="what-if"),
    path("baskets/<slug:slug>/what-if/results", whatif.whatif_results, name="what-if-results"),
    path("baskets/<slug:slug>/what-if.json", whatif.whatif_json, name="what-if-json"),
    path("own/", own.mine, name="own"),
    path("own/new/", own.save, name="own-new"),
    path("own/compare/", own_pages.compared, name="own-compare"),
    path("own/<own:public_id>/", own_pages.own_page, name="own-basket"),
    path("own/<own:public_id>/state", own_pages.own_state, name="own-state"),
    path("own/<own:public_id>/values.csv", own_pages.own_csv, name="own-csv"),
    path("own/<own:public_id>/feed.atom", own_pages.own_atom, name="own-feed"),
    path("own/<own:public_id>/releases/<int:number>.json", own_pages.own_sealed, name="own-sealed"),
    path("own/<own:public_id>/manage/", own.manage, name="own-manage"),
    path("own/<own:public_id>/delete/", own.delete, name="own-delete"),
    path("releases/", releases.releases, name="releases"),
    path("releases/latest.json", latest.latest, name="latest"),
    path("releases/feed.atom", feed.feed, name="feed"),
    path("releases/<int:number>/", releases.release, name="release"),
    path("releases/<int:number>/bundle.json", releases.bundle, name="bundle"),
    path("search/", search.results, name="search"),
    path("search.json", search.suggestions, name="search-json"),
    path("compare/", compare.compare, name="compare"),
    path("compare.csv", compare.compare_csv, name="compare-csv"),
    path("stability/", stability.stability, name="stability"),
    path("saturation/", stability.saturation, name="saturation"),
    path("data/", data.data, name="data"),
    path("data/<slug:name>.csv", data.dataset, name="dataset"),
    path("methodology/", methodology.methodology, name="methodology"),
    path("charts/own.<twin:kind>", twins.unlisted_twin, {"name": "own"}),
    path("embed/own", embed.unlisted_embed, {"name": "own"}),
    path("charts/<slug:name>.<twin:kind>", twins.twin, name="chart"),
    path("embed/<slug:name>", embed.embed, name="embed"),
    path("social/<slug:name>.png", social.social, name="social"),
]
