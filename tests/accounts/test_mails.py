"""What the mails about an account say."""

from __future__ import annotations

from pathlib import Path

import allauth
import pytest
from django.conf import settings
from django.utils import timezone

from accounts.adapter import AccountAdapter
from accounts.mails import _LETTERS
from accounts.models import User

# Ways to sign in that this site does not offer.
NOT_OFFERED = ("login_code", "password_reset_code", "webauthn")
SAID = {
    "activate_url": "http://localhost/confirm",
    "deleted_email": "old@lab.example",
    "device": "Firefox on Linux",
    "email": "ada@lab.example",
    "ip": "198.51.100.1",
    "password_reset_url": "http://localhost/reset",
    "provider": "<The lab>",
    "timestamp": timezone.now(),
    "user": User(username="ada"),
    "user_agent": "curl/8",
}


def test_every_mail_that_can_be_sent_has_words() -> None:
    folder = Path(allauth.__file__).parent / "templates"
    known = {
        str(path.relative_to(folder)).removesuffix("_subject.txt")
        for path in folder.rglob("email/*_subject.txt")
        if not path.name.startswith(NOT_OFFERED)
    }
    assert len(known) > 10
    assert known | {"account/email/new_device"} == set(_LETTERS)


@pytest.mark.parametrize("name", sorted(_LETTERS))
def test_it_is_whole_as_text_and_as_html(name: str) -> None:
    mail = AccountAdapter().render_mail(name, "ada@lab.example", SAID)
    (html,) = [str(part[0]) for part in mail.alternatives]  # type: ignore[attr-defined]
    text = str(mail.body)
    subject = str(mail.subject)
    assert subject and "\n" not in subject and subject in html
    assert "http://localhost" in text and settings.SITE_URL in text and 'href="http' in html
    assert "{" not in text + html.partition("</style>")[2] and "%(" not in text + html
    assert "<The lab>" not in html
