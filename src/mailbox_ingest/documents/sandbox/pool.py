"""Runs functions in child processes that may die, hang or bloat without harm: bounded in time, memory and processor time, offline.

    submit ─▶ queue ─▶ a thread a worker ─▶ its own socket ─▶ child (forked by the zygote, readers already imported)

One socket a worker, never a shared channel: a child that is killed in the middle of an answer spoils that answer only. Why no pool of the
standard library or Pebble: they import the parent's __main__ in every child, keep their fork server after closing, and lose a task whose
worker dies while it fetches it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import pickle
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from mailbox_ingest.documents.sandbox.answers import MOST_BYTES, taken_apart
from mailbox_ingest.documents.sandbox.child import PID
from mailbox_ingest.documents.sandbox.scratch import Scratch
from mailbox_ingest.errors import DocumentError, ReadingUnavailable

LOG = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

DEFAULT_PRELOAD = tuple(
    f"mailbox_ingest.documents.{name}"
    for name in (
        *("attachments", "body", "html", "plain", "container"),
        *("word.docx", "word.word97", "word.odt", "rtf.reader", "sheets.books", "sheets.csv_text", "pdf.reader"),
    )
)
_BOOT = (
    "import json, sys; given = json.loads(sys.argv[1]); sys.path[:] = given.pop('path'); "
    "from mailbox_ingest.documents.sandbox.child import zygote; zygote(**given)"
)
_ZYGOTE_START_SECONDS = 60.0


@dataclass(slots=True)
class _Task:
    future: Future[Any]
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    seconds: float
    again: bool = False  # its child died with the zygote, through no fault of its own


@dataclass(slots=True)
class _Child:
    pid: int
    tasks: Connection
    done: int = 0

    def end(self) -> None:
        """Kills the child and every program it started. By its own number, too: it may be so young that it leads no group yet."""
        for end in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                end(self.pid, signal.SIGKILL)

    def kill(self) -> None:
        self.end()
        self.tasks.close()


class Sandbox:
    """A fixed number of reading processes. Safe to use from several threads; `close()` (or `with`) leaves no process behind."""

    def __init__(self, workers: int, memory_bytes: int, *, tasks_per_child: int = 200, preload: tuple[str, ...] = DEFAULT_PRELOAD) -> None:
        self._scratch = Scratch()
        self._memory_bytes = memory_bytes
        self._tasks_per_child = tasks_per_child
        self._preload = preload
        self._queue: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._lock = threading.Lock()  # guards the zygote and the children's table
        self._children: dict[int, _Child] = {}
        self._closing = self._closed = False
        self._zygote: subprocess.Popen[bytes] | None = None  # started with the first task: most passes have nothing to read
        self._control: socket.socket | None = None
        self._threads = [threading.Thread(target=self._work, name=f"sandbox-{n}", daemon=True) for n in range(max(1, workers))]
        for thread in self._threads:
            thread.start()

    def submit(self, function: Callable[..., T], *args: Any, seconds: float) -> Future[T]:
        """Calls `function(*args)` in a child. Function, arguments and result must pickle.

        The future raises DocumentError 'too_large' when time or memory ran out, 'unreadable' when the child died, ReadingUnavailable when
        no child can be started, RuntimeError when `close()` came first, and otherwise what the function raised. `seconds` counts from
        when the work begins.
        """
        if self._closed:
            raise RuntimeError("the sandbox is closed")
        future: Future[T] = Future()
        self._queue.put(_Task(future=future, function=function, arguments=args, seconds=seconds))
        return future

    def close(self) -> None:
        """Ends running work (its futures raise), cancels waiting work, and waits until every process is gone."""
        self._closing = True
        zygote = self._zygote
        if zygote is not None and not self._children:
            zygote.kill()  # while it loads the readers, somebody waits for it with the lock in hand
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for child in list(self._children.values()):
                child.end()
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()
        with contextlib.suppress(queue.Empty):
            while True:
                task = self._queue.get_nowait()
                if task is not None:
                    task.future.cancel()
        self._end_zygote()
        self._scratch.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # ------------------------------------------------------------ workers

    def _work(self) -> None:
        """One worker's life: takes tasks, keeps one child."""
        child: _Child | None = None
        while (task := self._queue.get()) is not None:
            if self._closed:
                task.future.cancel()
            elif task.future.set_running_or_notify_cancel():
                child = self._perform(task, child)
        if child is not None:
            self._forget(child)

    def _perform(self, task: _Task, child: _Child | None) -> _Child | None:
        """Runs one task and resolves its future; returns the child if it may be used again."""
        try:
            request = pickle.dumps((task.function, task.arguments, task.seconds), protocol=pickle.HIGHEST_PROTOCOL)
        except (pickle.PicklingError, TypeError, AttributeError) as problem:
            task.future.set_exception(problem)
            return child
        try:
            child = self._hand_over(request, child)
        except OSError as problem:
            self._fail(task, ReadingUnavailable(f"no reading process can be started: {problem}"))
            return None
        try:
            if not child.tasks.poll(task.seconds):
                self._forget(child)
                self._fail(task, DocumentError("too_large", f"reading it took longer than {task.seconds:g} s"))
                return None
            succeeded, value = taken_apart(child.tasks.recv_bytes(MOST_BYTES))
        except (EOFError, OSError, pickle.UnpicklingError) as problem:
            if isinstance(problem, pickle.UnpicklingError):
                LOG.error("reading_answer_refused", extra={"reason": str(problem)})  # a fault of ours, or somebody broke into the reader
            self._forget(child)
            if (self._zygote is None or self._zygote.poll() is not None) and not task.again:
                task.again = True
                return self._perform(task, None)
            self._fail(task, DocumentError("unreadable", f"the reading process died ({type(problem).__name__})"))
            return None
        child.done += 1
        if child.done >= self._tasks_per_child or isinstance(value, DocumentError):
            self._forget(child)  # a refused document may have left anything behind
            child = None
        if succeeded:
            task.future.set_result(value)
        else:
            task.future.set_exception(value)
        return child

    def _fail(self, task: _Task, problem: Exception) -> None:
        """Resolves a future with an error; never with the document's fault where it was `close()` that ended the work."""
        task.future.set_exception(RuntimeError("the sandbox was closed") if self._closing else problem)

    def _hand_over(self, request: bytes, child: _Child | None) -> _Child:
        """Sends a task to the child, or to a new one where it has died while idle. Raises OSError when none can be started."""
        if child is not None:
            try:
                child.tasks.send_bytes(request)
            except OSError:
                self._forget(child)
            else:
                return child
        fresh = self._fork()
        fresh.tasks.send_bytes(request)
        return fresh

    def _forget(self, child: _Child) -> None:
        with self._lock:
            self._children.pop(child.pid, None)
        child.kill()

    # ------------------------------------------------------------ zygote

    def _start_zygote(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        ours.settimeout(_ZYGOTE_START_SECONDS)
        given = {
            "path": sys.path,
            "control_fd": theirs.fileno(),
            "memory_bytes": self._memory_bytes,
            "scratch_root": self._scratch.folder,
            "preload": list(self._preload),
        }
        with theirs:
            self._zygote = subprocess.Popen(
                [sys.executable, "-c", _BOOT, json.dumps(given)],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the parent; it closes us in its own time
                env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            )
        self._control = ours
        return ours

    def _end_zygote(self) -> None:
        """Closing its socket ends it by itself."""
        if self._control is not None:
            self._control.close()
        if self._zygote is not None:
            self._zygote.wait()
        self._control = self._zygote = None

    def _fork(self) -> _Child:
        """A new child. Raises OSError when the zygote cannot make one."""
        with self._lock:
            for attempt in (1, 2):
                if self._closing:
                    raise OSError("the sandbox is closed")
                control = self._control or self._start_zygote()
                ours, theirs = socket.socketpair()
                try:
                    with theirs:
                        socket.send_fds(control, [b"f"], [theirs.fileno()])
                    answer = control.recv(PID.size, socket.MSG_WAITALL)
                    if len(answer) != PID.size:
                        raise ConnectionResetError("the zygote is gone")
                except OSError:
                    ours.close()
                    if self._zygote is not None:
                        self._zygote.kill()
                    self._end_zygote()
                    if attempt == 2:
                        raise
                    continue
                child = _Child(pid=PID.unpack(answer)[0], tasks=Connection(ours.detach()))
                self._children[child.pid] = child
                return child
            raise AssertionError("unreachable")
