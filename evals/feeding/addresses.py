"""Which network addresses a feed may reach: public ones only, judged after the name is resolved."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PORTS = {"http": 80, "https": 443}
# IPv6 forms that carry an IPv4 address to which a gateway would deliver.
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
NAT64_LOCAL = ipaddress.IPv6Network("64:ff9b:1::/48")
COMPATIBLE = ipaddress.IPv6Network("::/96")
# For special uses by their registration, which Python's own list leaves out or counts as public.
SPECIAL = (
    ipaddress.ip_network("192.0.0.0/24"),
    ipaddress.ip_network("192.88.99.0/24"),
    ipaddress.ip_network("3fff::/20"),
    ipaddress.ip_network("5f00::/16"),
)


class FeedFailed(Exception):
    """The feed could not be fetched; the text says why."""


class NotAllowed(FeedFailed):
    """The address is none that may be reached, so trying again cannot help."""


class NotPublic(NotAllowed):
    """The name leads to an address that is not for everybody."""


@dataclass(frozen=True)
class Target:
    """An address of the web taken apart: where to connect, and what to ask there."""

    url: str
    secure: bool
    host: str
    port: int
    netloc: str
    path: str


def target_of(url: str) -> Target:
    """The parts of `url`. Raises NotAllowed for any but a plain http or https address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise NotAllowed(f"{url!r:.200} is not an address: {error}") from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise NotAllowed(f"{url!r:.200} is not an http or https address")
    if parts.username is not None or parts.password is not None:
        raise NotAllowed("the address holds a name or password, which feeds do not take")
    if not url.isascii() or any(letter <= " " for letter in url):
        raise NotAllowed(f"{url!r:.200} holds characters that an address must write as %XX")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(
        url=url,
        secure=parts.scheme == "https",
        host=parts.hostname,
        port=PORTS[parts.scheme] if port is None else port,
        netloc=parts.netloc,
        path=path,
    )


def resolved(
    target: Target, *, loopback_allowed: bool = False, private_allowed: bool = False
) -> list[str]:
    """The addresses of the target's host, each of them public.

    The connection is then made to one of these and not to the name, which could mean something
    else a moment later. Raises FeedFailed where the name is not known, and NotPublic where any of
    its addresses is not public, unless `private_allowed`.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FeedFailed(f"the name {target.host!r} cannot be resolved: {error}") from None
    numbers = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for number in numbers:
        address = ipaddress.ip_address(number.partition("%")[0])
        if private_allowed or (loopback_allowed and address.is_loopback):
            continue
        if not is_public(address):
            raise NotPublic(
                f"{target.host} is at {address}, which is not a public address; "
                "only public addresses are reached"
            )
    return numbers


def is_public(address: Address) -> bool:
    """Whether an address is for everybody: not private, loopback, link-local or shared."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _carried(address)
        if inner is not None:
            return is_public(inner)
        if address in NAT64_LOCAL or address.is_site_local:
            return False
    if any(address in network for network in SPECIAL):
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for, if it does."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in NAT64 or address in COMPATIBLE:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return None
