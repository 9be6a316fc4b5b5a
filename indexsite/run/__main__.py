"""`python -m indexsite.run`: the whole site on one machine, until Ctrl-C or SIGTERM.

Exit status 0 after an orderly stop; 1, with one sentence on standard error, where it cannot run.
"""

import sys

OLDEST = (3, 11)


def main() -> int:
    """Run the site; the exit status."""
    # Imported late: an older Python could not even read these modules.
    from indexsite import env
    from indexsite.run.errors import RunError
    from indexsite.run.site import Site, tell
    from indexsite.run.supervisor import Stopped

    try:
        env.read_dotenv()
        site = Site()
        with site.supervisor.handling_signals():
            site.run()
    except Stopped:
        tell("Stopped.")
        return 0
    except (RunError, env.SettingError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"The site cannot run: {error}.", file=sys.stderr)
        return 1
    return 0


def unsupported(version: "tuple[int, ...]") -> str:
    """One sentence for a Python that is too old for the project; empty for any other."""
    if version >= OLDEST:
        return ""
    return "Python 3.11 or newer is needed; this is {}.{}.".format(*version[:2])


if __name__ == "__main__":
    refusal = unsupported(tuple(sys.version_info[:3]))
    if refusal:
        sys.exit(refusal)
    sys.exit(main())
