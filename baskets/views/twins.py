"""A chart's twins: its figure as JSON, its table as CSV, what is known about it, its pictures."""

from __future__ import annotations

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from baskets.charts import palette, raster
from baskets.charts.chart import Chart
from baskets.charts.labels import place
from baskets.charts.metadata import metadata
from baskets.charts.poster import poster
from baskets.models import Release
from baskets.views import page
from baskets.views.charts import chart_of

NARROW = 640
SIZES = (200, 2400)


def _twin(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """A chart's twin of the kind in its address, with the state in its query."""
    theme = page.choice(request, "theme", tuple(palette.THEMES), "light")
    shown = page.shown_of_basket(request)
    built = chart_of(request, name, shown)
    if built is None or shown.release is None:
        reason = _("This chart has nothing to draw.")
        return render(request, "404.html", {"reason": reason}, status=404)
    if kind == "csv":
        return _file(built, built.table_csv(), "text/csv; charset=utf-8", "csv")
    if kind == "metadata.json":
        known = metadata(built, shown.release, site=settings.SITE_URL)
        body = json.dumps(known, ensure_ascii=False, indent=2)
        return HttpResponse(body, content_type="application/json")
    if kind in {"svg", "png"}:
        return _picture(built, shown.release, theme, kind)
    return _figure(request, built, theme)


twin = page.public_page(_twin)
# What an owner renames or deletes must be so at once.
unlisted_twin = page.unlisted(_twin)


def _file(built: Chart, body: str | bytes, content_type: str, ending: str) -> HttpResponse:
    response = HttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = f'inline; filename="{built.ident}.{ending}"'
    return response


def _picture(built: Chart, release: Release, theme: str, kind: str) -> HttpResponse:
    """The chart with its title, key and release: as SVG, or drawn at two pixels to a unit."""
    drawn = poster(built, release, theme)
    if kind == "svg":
        return _file(built, drawn, "image/svg+xml", "svg")
    return png_answer(drawn, f"{built.ident}.png")


def png_answer(drawn: str, name: str, *, zoom: int = 2) -> HttpResponse:
    """A picture as PNG; 503 where too many are being drawn."""
    try:
        pixels = raster.png(drawn, language=get_language() or "", zoom=zoom)
    except raster.PictureError:
        words = _("This chart is too large for a picture of pixels; take the SVG.")
        return HttpResponse(words, status=422, content_type="text/plain; charset=utf-8")
    except raster.BusyError:
        words = _("Too many pictures are being drawn at this moment; try again in some seconds.")
        response = HttpResponse(words, status=503, content_type="text/plain; charset=utf-8")
        response["Retry-After"] = "10"
        return response
    response = HttpResponse(pixels, content_type="image/png")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _figure(request: HttpRequest, built: Chart, theme: str) -> HttpResponse:
    """The Plotly figure in fixed colours, its labels placed for the size that is asked for."""
    width, height = page.whole_number(request, "w"), page.whole_number(request, "h")
    least, most = SIZES
    narrow = width is not None and width < NARROW
    size = built.narrow_size if narrow else built.wide_size
    if width and height:
        size = (min(max(width, least), most), min(max(height, 40), most))
    figure = place(built.narrow if narrow else built.wide, *size)
    body = json.dumps(palette.resolve(figure, theme), ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(body, content_type="application/json")
