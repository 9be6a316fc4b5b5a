"""Addresses of the alerts pages."""

from __future__ import annotations

from django.urls import path

from alerts.views import events, managing, subscribing

app_name = "alerts"
urlpatterns = [
    path("", subscribing.index, name="index"),
    path("events/<int:event_id>/", events.event, name="event"),
    path("confirm/<str:token>/", subscribing.confirm, name="confirm"),
    path("unsubscribe/<str:token>/", subscribing.unsubscribe, name="unsubscribe"),
    path("manage/", managing.ask, name="ask"),
    path("manage/<str:token>/", managing.manage, name="manage"),
    path("mine/", managing.mine, name="mine"),
]
