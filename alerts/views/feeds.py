"""A rule as a feed: the rule stands in the address, and nobody signs up for anything."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from alerts import plain, selectors, wording
from alerts.forms import RuleForm
from alerts.wording import Description

NEWEST = 50
