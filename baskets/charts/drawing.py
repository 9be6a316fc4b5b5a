"""Draw one SVG as PNG in a process of its own, which resvg keeps busy as a whole.

resvg holds the interpreter's lock while it draws: in a web process no other thread would answer
meanwhile. Run as a script by path, with nothing of the site but resvg:

    python -I drawing.py < REQUEST > PNG

REQUEST is a JSON object of the arguments of `resvg_py.svg_to_bytes`. Exit status 1: the reason is
the last line of standard error.
"""

import json
import os
import sys

import resvg_py

# Whoever reads a page comes before whoever waits for a picture.
NICENESS = 10


def main() -> None:
    os.nice(NICENESS)
    sys.stdout.buffer.write(bytes(resvg_py.svg_to_bytes(**json.load(sys.stdin))))


if __name__ == "__main__":
    main()
