"""From which address of the network a request came."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104


def address_of(request: HttpRequest) -> str:
    """The asking address, as IPv4 or IPv6 text; `UNKNOWN` where there is none that can be read.

    Behind the proxy that serves HTTPS it is the last entry of X-Forwarded-For, which that proxy
    wrote itself; the entries before it are the client's own claim.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.SECURE_PROXY_SSL_HEADER:
        address = request.headers.get("X-Forwarded-For", address).rsplit(",", 1)[-1].strip()
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return UNKNOWN


def client_of(request: HttpRequest) -> str:
    """The asking host, as one text to count by.

    One IPv6 customer owns a whole /64, so the network stands for the host there.
    """
    address = ipaddress.ip_address(address_of(request))
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
