"""Start one program so that it cannot outlive its parent, and never as root where that is refused.

Run as a script by path, with the standard library only, in front of the program:

    python -I -S launch.py --parent PID --death-signal N [--identity WAY] -- PROGRAM [ARGUMENT...]

`--death-signal` is what the kernel sends the program when the thread that started it ends, however
it ends (Linux: prctl(2), PR_SET_PDEATHSIG; elsewhere nothing happens, and the next start stops what
is left by its pid file). `--identity` is one of

- `own`: the caller's identity, unchanged;
- `mapped`: a user namespace in which the caller's uid is shown as `nobody`'s. On disk every file
  still belongs to the caller, so no folder has to be opened to anybody (user_namespaces(7));
- `dropped`: the identity of `nobody` itself, which must be able to reach the program's files.

Exit status 120: this launcher could not do what it was asked; the reason is on standard error.
Otherwise the program takes this process over, and its exit status is the program's.
"""

import argparse
import ctypes
import os
import pwd
import sys

CANNOT_LAUNCH = 120
PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000


def call_libc(function: str, *arguments: int) -> None:
    """Call a function of the C library; raises OSError with its errno when it returns non-zero."""
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, function)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")


def write_map(path: str, text: str) -> None:
    # One write(2): the kernel takes a map once and whole.
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def map_to_nobody() -> None:
    """Enter a user namespace that shows the caller as `nobody`; both ids are mapped alone."""
    uid, gid = os.geteuid(), os.getegid()
    nobody = pwd.getpwnam("nobody")
    call_libc("unshare", CLONE_NEWUSER)
    # An unprivileged process may map its group only after giving up setgroups(2).
    write_map("/proc/self/setgroups", "deny")
    write_map("/proc/self/uid_map", f"{nobody.pw_uid} {uid} 1\n")
    write_map("/proc/self/gid_map", f"{nobody.pw_gid} {gid} 1\n")


def drop_to_nobody() -> None:
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)


def follow_parent(parent: int, number: int) -> None:
    """Ask for signal `number` at the parent's end; must come after any change of identity."""
    if not sys.platform.startswith("linux"):
        return
    call_libc("prctl", PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:
        # The parent ended before the request was made, so no signal would ever come.
        raise OSError("the process that asked for this program has ended")


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--death-signal", type=int, required=True)
    parser.add_argument("--identity", choices=("own", "mapped", "dropped"), default="own")
    parser.add_argument("program", nargs="+")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> None:
    options = parse(arguments)
    try:
        if options.identity == "mapped":
            map_to_nobody()
        elif options.identity == "dropped":
            drop_to_nobody()
        follow_parent(options.parent, options.death_signal)
        os.execvp(options.program[0], options.program)
    except (OSError, KeyError) as error:
        print(f"launch: {error}", file=sys.stderr)
        sys.exit(CANNOT_LAUNCH)


if __name__ == "__main__":
    main(sys.argv[1:])
