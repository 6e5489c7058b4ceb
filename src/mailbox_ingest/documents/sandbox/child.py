"""The far side of the sandbox: a zygote that has the readers imported and forks a child for each worker, and the child's loop.

The zygote has one thread and no network; it ends when the parent's end of the control socket closes, however the parent died, and its
children end with it. A child reads one task after another from its own socket, so that what one leaves behind never meets another.
"""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import signal
import socket
import struct
import tempfile
import traceback
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from mailbox_ingest.documents.sandbox import confine
from mailbox_ingest.documents.sandbox.answers import can_cross
from mailbox_ingest.errors import DocumentError

PID = struct.Struct("!i")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSettings:
    """What a child is held to."""

    memory_bytes: int
    scratch_root: str


def zygote(control_fd: int, memory_bytes: int, scratch_root: str, preload: list[str]) -> None:
    """Serves fork requests: one byte with a socket attached, answered by the child's process id. Returns when the parent is gone."""
    confine.renounce_privileges()
    confine.leave_network()
    for name in preload:
        with contextlib.suppress(ImportError):  # an optional reader's library is missing: its documents will say so
            import_module(name)
    gc.collect()
    gc.freeze()  # what is shared stays shared after the fork
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by the kernel
    settings = ChildSettings(memory_bytes=memory_bytes, scratch_root=scratch_root)
    own_pid = os.getpid()
    with socket.socket(fileno=control_fd) as control:
        while True:
            try:
                request, handles, _flags, _address = socket.recv_fds(control, 1, 1)
            except OSError:  # the parent was killed with an answer of ours unread
                return
            if not request or not handles:
                return
            pid = os.fork()
            if pid == 0:
                control.close()
                confine.die_with_parent()
                if os.getppid() == own_pid:  # else the zygote died before the line above
                    _serve(Connection(handles[0]), settings)
                os._exit(0)
            os.close(handles[0])
            try:
                control.sendall(PID.pack(pid))
            except OSError:
                return


def _serve(tasks: Connection, settings: ChildSettings) -> None:
    """Runs tasks until the parent closes the socket or a task spoils this process."""
    os.setpgid(0, 0)  # so that the parent can end this child with every program it started
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    scratch = tempfile.mkdtemp(dir=settings.scratch_root)
    os.chdir(scratch)
    os.environ.update(TMPDIR=scratch, HOME=scratch)
    tempfile.tempdir = scratch
    confine.limit_memory(settings.memory_bytes)
    try:
        while True:
            try:
                function, arguments, seconds = tasks.recv()
            except (EOFError, OSError):
                return
            confine.limit_cpu(2 * seconds + 5)
            answer, spoiled = _run(function, arguments)
            _empty(scratch)
            _send(tasks, answer)
            if spoiled:
                return
    finally:
        os.chdir("/")
        shutil.rmtree(scratch, ignore_errors=True)


def _run(function: Any, arguments: tuple[Any, ...]) -> tuple[tuple[bool, Any], bool]:
    """((True, result) or (False, exception), spoiled): a process that ran out of memory is not used again.

    Bugs cross the border as they are, with their traceback as a note; they are the caller's wall's concern. Panics of compiled readers
    derive from BaseException and mean a file that could not be read.
    """
    try:
        return (True, function(*arguments)), False
    except MemoryError:
        return (False, DocumentError("too_large", "reading it takes more memory than is allowed")), True
    except Exception as problem:  # noqa: BLE001 - not swallowed: it is raised again on the other side of the border
        if not isinstance(problem, DocumentError):
            if not can_cross(problem):
                problem = RuntimeError(f"{type(problem).__name__}: {problem}")
            problem.add_note(traceback.format_exc())
        return (False, problem), False
    except BaseException as panic:  # noqa: BLE001 - see above
        return (False, DocumentError("unreadable", f"the reader gave up: {panic!r}")), True


def _send(tasks: Connection, answer: tuple[bool, Any]) -> None:
    try:
        tasks.send(answer)
    except MemoryError:
        tasks.send((False, DocumentError("too_large", "what was read takes more memory than is allowed")))
    except (OSError, BrokenPipeError):
        return  # the parent is gone
    except (TypeError, AttributeError, ValueError) as problem:  # something that cannot be pickled
        tasks.send((False, TypeError(f"the result of a task cannot cross the border: {problem}; {answer[1]!r}")))


def _empty(scratch: str) -> None:
    for leftover in Path(scratch).iterdir():
        if leftover.is_dir() and not leftover.is_symlink():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)
