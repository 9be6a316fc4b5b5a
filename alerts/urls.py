"""Addresses of the alerts pages."""

from __future__ import annotations

from django.urls import path

from alerts.views import events, feeds, managing, subscribing

app_name = "alerts"
urlpatterns = [
    path("", subscribing.index, name="index"),
    path("events/", events.events, name="events"),
    path("events/<int:event_id>/", events.event, name="event"),
    path("own/<str:public_id>/", subscribing.own, name="own"),
    path("own/<str:public_id>/events/<int:event_id>/", events.own_event, name="own-event"),
    path("own/<str:public_id>/feed.atom", feeds.own_atom, name="own-feed-atom"),
    path("own/<str:public_id>/feed.json", feeds.own_json, name="own-feed-json"),
    path("feed.atom", feeds.atom, name="feed-atom"),
    path("feed.json", feeds.json, name="feed-json"),
    path("confirm/<str:token>/", subscribing.confirm, name="confirm"),
    path("unsubscribe/<str:token>/", subscribing.unsubscribe, name="unsubscribe"),
    path("manage/", subscribing.ask, name="ask"),
    path("manage/<str:token>/", managing.manage, name="manage"),
    path("mine/", managing.mine, name="mine"),
]
