"""Addresses of the public pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from baskets.views import (
    baskets,
    charts,
    evals,
    generations,
    home,
    methodology,
    releases,
    systems,
)

app_name = "baskets"
urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("generations/", generations.generations, name="generations"),
    path("systems/", systems.systems, name="systems"),
    path("systems/<str:slug>/", systems.system, name="system"),
    path("evals/", evals.evals, name="evals"),
    path("evals/<str:slug>/", evals.eval_page, name="eval"),
    path("baskets/", baskets.baskets, name="baskets"),
    path("baskets/<slug:slug>/", baskets.basket, name="basket"),
    path("releases/", releases.releases, name="releases"),
    path("releases/<int:number>/", releases.release, name="release"),
    path("methodology/", methodology.methodology, name="methodology"),
    path("charts/<slug:name>.<slug:kind>", charts.chart, name="chart"),
]
