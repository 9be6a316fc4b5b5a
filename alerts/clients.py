"""Which network host a request came from."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_of(request: HttpRequest) -> str:
    """The asking host, as one text to count by.

    Behind the proxy that serves HTTPS it is the last entry of X-Forwarded-For, which that proxy
    wrote itself; the entries before it are the client's own claim. One IPv6 customer owns a whole
    /64, so the network stands for the host there.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.SECURE_PROXY_SSL_HEADER:
        address = request.headers.get("X-Forwarded-For", address).rsplit(",", 1)[-1].strip()
    try:
        host = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(host, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((host, 64), strict=False))
    return str(host)
