"""What every channel offers and what it is given: the same content, whatever it is sent by."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

from django_stubs_ext import StrPromise

from alerts.models import Delivery
from alerts.told import Told


class ChannelError(Exception):
    """A message was not taken. The text is fit for a log or a page: it holds no address.

    permanent: trying this message again cannot help.
    gone: the receiver will take nothing any more, so it is not asked again.
    unreachable: the server did not answer at all, which says nothing about this message.
    retry_after: the seconds that the receiver asked to wait for.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool,
        gone: bool = False,
        unreachable: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(printable(reason))
        self.permanent = permanent
        self.gone = gone
        self.unreachable = unreachable
        self.retry_after = retry_after


def printable(text: str) -> str:
    """What a receiver said, without what no log, page or database takes: a blank stands for it."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


class Sender(ABC):
    """An open line to the receivers of one channel."""

    @abstractmethod
    def send(self, delivery: Delivery, told: Told) -> None:
        """Hand one message over. Raises ChannelError where it was not taken."""


class Channel(ABC):
    """One way to reach people.

    `name` is stored with every delivery; `endpoints` says that it needs an address of the web that
    its owner entered, and `side_by_side` how many endpoints are served at the same time.
    """

    name: str
    label: str | StrPromise
    endpoints: bool = False
    side_by_side: int = 1

    @abstractmethod
    def line(self) -> Sender:
        """A line that is not open yet."""

    @contextmanager
    def opened(self) -> Iterator[Sender]:
        """A line for many messages, closed at the end."""
        yield self.line()

    def refusal(self, url: str) -> str:
        """Why `url` cannot be an endpoint of this channel; empty where it can."""
        return ""
