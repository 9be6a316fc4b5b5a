"""The site's addresses."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from indexsite import audit, health, robots, sitemap
from indexsite.api import api

handler404 = "baskets.views.missing.not_found"
handler500 = "indexsite.errors.server_error"

admin.site.site_header = _("AGI Index administration")
admin.site.site_title = _("AGI Index")

urlpatterns = [
    path("api/v1/", api.urls),
    path("robots.txt", robots.robots, name="robots"),
    path("sitemap.xml", sitemap.index, name="sitemap"),
    path("sitemap-<slug:code>.xml", sitemap.sitemap, name="sitemap-of"),
    path("metrics", health.metrics, name="metrics"),
    path("operator/", health.operator, name="operator"),
    path("accounts/oidc/", include("accounts.urls_provider")),
    *i18n_patterns(
        path("", include("baskets.urls")),
        path("alerts/", include("alerts.urls")),
        path("", include("accounts.urls")),
        path("", include("evals.urls")),
        path("audit/", audit.page, name="audit"),
        path("audit.csv", audit.as_csv, name="audit-csv"),
        path("audit.json", audit.as_json, name="audit-json"),
        path("admin/", admin.site.urls),
        prefix_default_language=False,
    ),
]
