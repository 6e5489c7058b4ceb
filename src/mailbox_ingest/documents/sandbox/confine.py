"""What the kernel is asked to hold a reading process to: its death with its parent, memory, processor time, no network. Linux only.

Each measure that the kernel refuses (a container without user namespaces, say) is reported as not taken; none of them raises.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_MAX_FILE_BYTES = 1_000_000_000

_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """SIGKILL for this process when the thread that forked it ends."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def renounce_privileges() -> None:
    """No set-uid program started from here gains anything."""
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def leave_network() -> bool:
    """Moves this process and its future children into an empty network namespace; True if that worked.

    Otherwise Python's own sockets are refused, which covers every library here: none opens one by itself. For a process with one thread.
    """
    if _libc.unshare(_CLONE_NEWNET) == 0:
        return True
    uid, gid = os.getuid(), os.getgid()
    if _libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
        with contextlib.suppress(OSError):  # keep our own user's name inside; reading and writing works without, too
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
            Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
        return True
    sys.addaudithook(_refuse_sockets)
    return False


def _refuse_sockets(event: str, _arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"):
        raise PermissionError("reading documents needs no network")


def limit_memory(memory_bytes: int) -> None:
    """Bounds the address space. Only the soft limit: external programs that we start get limits of their own."""
    _lower(resource.RLIMIT_AS, memory_bytes)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, _MAX_FILE_BYTES)


def limit_cpu(more_seconds: float) -> None:
    """Bounds processor time from now on; a backstop behind the wall clock, for work that spins in several threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + more_seconds) + 1)


def _lower(kind: int, value: int) -> None:
    _soft, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
