"""The sealed bundle as a file: by its address and by the command."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from baskets.models import Release

pytestmark = pytest.mark.usefixtures("catalog_db")

CapturedBytes = pytest.CaptureFixture[bytes]


def oldest() -> Release:
    """The first release."""
    return Release.objects.defer("bundle").earliest("number")


def newest() -> Release:
    """The release that readers see."""
    return Release.objects.defer("bundle").latest("number")


@pytest.mark.parametrize("name", ["earliest", "latest"])
def test_it_serves_the_bytes_that_the_hash_seals(client: Client, name: str) -> None:
    release: Release = getattr(Release.objects.defer("bundle"), name)("number")
    for _ in range(3):
        response = client.get(f"/releases/{release.number}/bundle.json")
        assert response.status_code == 200
        assert response["Content-Type"] == "application/json"
        assert hashlib.sha256(response.content).hexdigest() == release.sha256
        assert response["ETag"] == f'"{release.sha256}"'
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"
        file = f'filename="agi-release-{release.number}.json"'
        assert response["Content-Disposition"] == f"attachment; {file}"


def test_it_answers_304_to_whoever_has_the_bundle(client: Client) -> None:
    address = f"/releases/{newest().number}/bundle.json"
    answer = client.get(address, headers={"If-None-Match": f'"{newest().sha256}"'})
    assert (answer.status_code, answer.content) == (304, b"")


def test_it_sends_the_same_bytes_compressed(client: Client) -> None:
    for release in (oldest(), newest()):
        for _ in range(3):
            answer = client.get(
                f"/releases/{release.number}/bundle.json", headers={"Accept-Encoding": "gzip"}
            )
            assert answer["Content-Encoding"] == "gzip"
            assert release.sha256 in answer["ETag"]
            text = gzip.decompress(answer.content)
            assert hashlib.sha256(text).hexdigest() == release.sha256


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/releases/0/bundle.json", 404),
        ("/releases/99999999999999999999/bundle.json", 404),
        ("/releases/1/bundle.json?basket=none", 404),
        ("/releases/1/bundle.json?basket=a&basket=b", 400),
    ],
)
def test_it_says_that_there_is_no_such_bundle(client: Client, address: str, status: int) -> None:
    response = client.get(address)
    assert response.status_code == status
    assert "immutable" not in response.get("Cache-Control", "")


def test_it_only_reads(client: Client) -> None:
    assert client.post("/releases/1/bundle.json").status_code == 405


def test_it_names_the_bundle_and_the_command_on_the_release_page(client: Client) -> None:
    html = client.get("/releases/2/").content.decode()
    release = Release.objects.get(number=2)
    assert 'href="/releases/2/bundle.json"' in html
    command = f"python -m baskets.engine --verify --sha256 {release.sha256}"
    assert command in html
    assert re.search(r"curl -s http://\S+/releases/2/bundle\.json \|", html)


def test_the_command_writes_the_sealed_bytes(capfdbinary: CapturedBytes, tmp_path: Path) -> None:
    release = oldest()
    call_command("release_bundle", str(release.number))
    written = capfdbinary.readouterr().out
    assert hashlib.sha256(written).hexdigest() == release.sha256
    path = tmp_path / "bundle.json"
    call_command("release_bundle", str(release.number), "--basket", "agi", "--output", str(path))
    assert path.read_bytes() == written


def test_the_command_refuses_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="agi has no release 999"):
        call_command("release_bundle", "999")
    with pytest.raises(CommandError, match="none has no release 1"):
        call_command("release_bundle", "1", "--basket", "none")
    with pytest.raises(CommandError, match="No such file"):
        call_command("release_bundle", "1", "--output", str(tmp_path / "no" / "bundle.json"))


def test_the_release_page_shows_the_seal(client: Client) -> None:
    release = newest()
    assert len({release.seal, release.sha256, release.counted_sha256}) == 3
    page = client.get(f"/releases/{release.number}/").content.decode()
    assert f'<dd class="hash">{release.seal}</dd>' in page
