"""Addresses of the pages of scores and imports."""

from __future__ import annotations

from django.urls import include, path

from evals.views import feeds, names, queues, runs, scores, uploads

score_pages = [
    path("<int:score_id>/", scores.score, name="score"),
]

import_pages = [
    path("", runs.runs, name="runs"),
    path("<int:run_id>/", runs.run, name="run"),
    path("<int:run_id>/<slug:kind>.csv", runs.rows_file, name="rows"),
    path("<int:run_id>/withdraw/", runs.withdraw, name="withdraw"),
    path("<int:run_id>/reinstate/", runs.reinstate, name="reinstate"),
    path("upload/", uploads.upload, name="upload"),
    path("upload/<int:upload_id>/", uploads.mapping, name="mapping"),
    path("upload/<int:upload_id>/forget/", uploads.forget, name="forget"),
    path("names/", names.names, name="names"),
    path("names/decide/", names.decide_name, name="decide-name"),
    path("names/new/system/", names.new_name, {"kind": "system"}, name="new-system"),
    path("names/new/eval/", names.new_name, {"kind": "eval"}, name="new-eval"),
    path("holds/", queues.holds, name="holds"),
    path("holds/<int:score_id>/", queues.decide_score, name="decide-score"),
    path("feeds/", feeds.feeds, name="feeds"),
    path("feeds/new/", feeds.feed, name="new-feed"),
    path("feeds/<int:feed_id>/", feeds.feed, name="feed"),
    path("feeds/<int:feed_id>/fetch/", feeds.fetch, name="fetch-feed"),
]

urlpatterns = [
    path("scores/", include((score_pages, "scores"))),
    path("imports/", include((import_pages, "imports"))),
]
