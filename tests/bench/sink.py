"""`python -m tests.bench.sink PORT FILE TAKING`: a mail server that keeps a line of each mail.

A line is the time at which the mail was taken, its Message-ID, its recipient and its size in bytes.
TAKING is how many seconds the server thinks about each mail before it says that it took it.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from indexsite import env
from indexsite.run.processes import free_port

END = b"\r\n.\r\n"
IDENT = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Mail:
    """One mail that was taken; `at` in Unix seconds."""

    at: float
    ident: str
    recipient: str
    size: int


@dataclass(frozen=True)
class Sink:
    """A running mail server and where it keeps its lines."""

    port: int
    lines: Path

    def size(self) -> int:
        """How much was written so far, in bytes; it grows with every mail."""
        return self.lines.stat().st_size if self.lines.exists() else 0

    def mails(self) -> list[Mail]:
        """Every mail so far, in the order in which it came."""
        if not self.lines.exists():
            return []
        # The last line may not be whole yet.
        whole = self.lines.read_text(encoding="ascii").rpartition("\n")[0]
        return [
            Mail(float(at), ident, recipient, int(size))
            for at, ident, recipient, size in map(str.split, whole.splitlines())
        ]


@contextmanager
def sink(folder: Path, *, taking: float = 0.0) -> Iterator[Sink]:
    """A mail server in a process of its own while the block runs."""
    found = Sink(free_port(), folder / "mails.txt")
    line = [
        sys.executable,
        "-m",
        "tests.bench.sink",
        str(found.port),
        str(found.lines),
        str(taking),
    ]
    process = subprocess.Popen(line, cwd=env.ROOT)
    try:
        yield found
    finally:
        process.terminate()
        process.wait()


async def _client(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to: TextIO, taking: float
) -> None:
    """Serve one sender; one that is killed hangs up in the middle."""
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        await _serve(reader, writer, to, taking)


async def _serve(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to: TextIO, taking: float
) -> None:
    recipient = "-"

    async def say(text: bytes) -> None:
        writer.write(text + b"\r\n")
        await writer.drain()

    await say(b"220 sink")
    while line := await reader.readline():
        word = line[:4].upper()
        if word == b"EHLO" or word == b"HELO":
            await say(b"250 sink")
        elif word == b"RCPT":
            recipient = line.split(b":", 1)[1].strip(b" <>\r\n").decode("ascii")
            await say(b"250 OK")
        elif word == b"DATA":
            await say(b"354 go on")
            content = await reader.readuntil(END)
            ident = IDENT.search(content)
            named = ident[1].decode("ascii") if ident else "-"
            to.write(f"{time.time():.6f} {named} {recipient} {len(content)}\n")
            to.flush()
            await asyncio.sleep(taking)
            await say(b"250 taken")
        elif word == b"QUIT":
            await say(b"221 bye")
            break
        else:
            await say(b"250 OK")
    writer.close()


async def _main(port: int, path: Path, taking: float) -> None:
    with path.open("a", encoding="ascii") as to:
        server = await asyncio.start_server(
            lambda reader, writer: _client(reader, writer, to, taking),
            "127.0.0.1",
            port,
            limit=4 << 20,
        )
        async with server:
            await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])))
