"""The sandbox gives back what a task returns, and survives whatever a task does."""

import io
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path

import pytest

from mailbox_ingest.documents.sandbox.answers import taken_apart
from mailbox_ingest.documents.sandbox.pool import Sandbox
from mailbox_ingest.documents.sandbox.scratch import Scratch
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Box, Evidence, Outcome
from mailbox_ingest.periods import Period


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(workers=2, memory_bytes=1_000_000_000, preload=("mailbox_ingest.documents.word.docx",)) as opened:
        yield opened


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):  # the latter where it ends while we read
        return False


def wait_until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def code_of(future):
    with pytest.raises(DocumentError) as caught:
        future.result(timeout=90)
    return caught.value.code


def test_a_task_runs_in_another_process(sandbox):
    assert sandbox.submit(os.getpid, seconds=30).result(timeout=90) != os.getpid()


def test_a_task_that_takes_too_long_is_ended_and_the_next_runs(sandbox):
    assert code_of(sandbox.submit(time.sleep, 600, seconds=0.3)) == "too_large"
    assert sandbox.submit(abs, -1, seconds=30).result(timeout=90) == 1


def test_a_task_that_takes_too_much_memory_is_too_large(sandbox):
    assert code_of(sandbox.submit(bytearray, 4_000_000_000, seconds=30)) == "too_large"


def test_a_child_that_dies_is_unreadable(sandbox):
    assert code_of(sandbox.submit(os.abort, seconds=30)) == "unreadable"
    assert code_of(sandbox.submit(sys.exit, 3, seconds=30)) == "unreadable"


def test_our_own_errors_cross_the_border_with_their_code(sandbox):
    from mailbox_ingest.config import LimitsConfig
    from mailbox_ingest.documents.word import docx

    assert code_of(sandbox.submit(docx.read, b"PK\x03\x04", "a.docx", LimitsConfig(), seconds=30)) == "unreadable"


def test_a_bug_crosses_the_border_as_it_is(sandbox):
    with pytest.raises(ValueError, match="invalid literal") as caught:
        sandbox.submit(int, "x", seconds=30).result(timeout=90)
    assert "Traceback" in caught.value.__notes__[0]


def test_a_task_that_cannot_be_sent_or_answered_fails_alone(sandbox):
    with pytest.raises((AttributeError, TypeError, Exception)):
        sandbox.submit(lambda: 1, seconds=30).result(timeout=90)
    with pytest.raises(TypeError):
        sandbox.submit(threading.Lock, seconds=30).result(timeout=90)
    assert sandbox.submit(abs, -1, seconds=30).result(timeout=90) == 1


def test_a_child_has_no_network(sandbox):
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(OSError, match=r"."):
        sandbox.submit(socket.create_connection, server.getsockname(), 2, seconds=30).result(timeout=90)


def test_a_child_has_a_scratch_folder_that_is_emptied_after_each_task(sandbox):
    one, other = (sandbox.submit(tempfile.mkdtemp, seconds=30).result(timeout=90) for _ in range(2))
    assert not Path(one).exists()
    assert Path(other).parent != Path(tempfile.gettempdir())


def test_many_threads_may_use_it_at_once(sandbox):
    results = []
    threads = [
        threading.Thread(target=lambda: results.extend(sandbox.submit(abs, -n, seconds=30).result(timeout=90) for n in range(20)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == sorted(list(range(20)) * 8)


def test_children_are_replaced_after_their_share_of_tasks():
    with Sandbox(workers=1, memory_bytes=1_000_000_000, tasks_per_child=2, preload=()) as opened:
        pids = [opened.submit(os.getpid, seconds=30).result(timeout=90) for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_a_killed_zygote_is_replaced():
    with Sandbox(workers=1, memory_bytes=1_000_000_000, preload=()) as opened:
        parent = opened.submit(os.getppid, seconds=30).result(timeout=90)
        os.kill(parent, signal.SIGKILL)
        assert wait_until(lambda: not alive(parent))
        assert opened.submit(abs, -1, seconds=30).result(timeout=90) == 1


def test_work_whose_process_died_with_the_zygote_is_done_again():
    with Sandbox(workers=1, memory_bytes=1_000_000_000, preload=()) as opened:
        parent = opened.submit(os.getppid, seconds=30).result(timeout=90)
        working = opened.submit(time.sleep, 1, seconds=30)
        time.sleep(0.2)
        os.kill(parent, signal.SIGKILL)
        assert working.result(timeout=90) is None


def test_closing_ends_running_work_and_leaves_no_process_and_no_folder():
    opened = Sandbox(workers=2, memory_bytes=1_000_000_000, preload=())
    pids = {opened.submit(pid, seconds=30).result(timeout=90) for pid in (os.getpid, os.getppid)}
    scratch = Path(opened.submit(os.getcwd, seconds=30).result(timeout=90)).parent
    hanging = [opened.submit(time.sleep, 600, seconds=600) for _ in range(5)]
    wait_until(hanging[1].running)
    opened.close()  # does not wait for them
    assert all(future.cancelled() or isinstance(future.exception(), RuntimeError) for future in hanging)
    assert wait_until(lambda: not any(map(alive, pids)))
    assert not scratch.exists()
    with pytest.raises(RuntimeError):
        opened.submit(abs, 1, seconds=1)


def test_closing_does_not_wait_for_readers_that_are_still_being_loaded(tmp_path, monkeypatch):
    (tmp_path / "slow_reader.py").write_text(f"import time, pathlib\npathlib.Path({str(tmp_path / 'loading')!r}).touch()\ntime.sleep(50)\n")
    monkeypatch.syspath_prepend(tmp_path)
    opened = Sandbox(workers=1, memory_bytes=1_000_000_000, preload=("slow_reader",))
    waiting = opened.submit(abs, -1, seconds=30)
    assert wait_until((tmp_path / "loading").exists)
    began = time.monotonic()
    opened.close()
    assert time.monotonic() - began < 20
    assert isinstance(waiting.exception(), RuntimeError)


def test_children_die_with_a_parent_that_was_killed(tmp_path):
    script = tmp_path / "parent.py"  # not guarded by __name__, as a console script's caller may not be
    script.write_text(
        "import os, time\n"
        "from mailbox_ingest.documents.sandbox.pool import Sandbox\n"
        "opened = Sandbox(workers=1, memory_bytes=1_000_000_000, preload=())\n"
        "print(opened.submit(os.getpid, seconds=30).result(), opened.submit(os.getppid, seconds=30).result(), flush=True)\n"
        "opened.submit(time.sleep, 600, seconds=600)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        assert all(map(alive, pids))
        parent.kill()
    assert wait_until(lambda: not any(map(alive, pids)))


def test_the_scratch_folder_of_a_killed_parent_is_swept_at_the_next_start_and_no_other(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    script = (
        "import os, signal; from mailbox_ingest.documents.sandbox.scratch import Scratch; "
        "made = Scratch(); print(made.folder, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(tmp_path)}
    ) as killed:
        left = Path(killed.communicate()[0].strip())
    (left / "half-read.docx").write_bytes(b"x")
    stranger = tmp_path / "mailbox-ingest-notes"
    stranger.mkdir()
    held = Scratch()
    assert not left.exists()
    another = Scratch()
    assert stranger.exists() and Path(held.folder).exists()
    held.close()
    another.close()
    assert not Path(held.folder).exists() and not Path(another.folder).exists()


class _Poisoned:
    """What a process that was taken over might answer: its pickle calls whatever it names."""

    def __init__(self, function, *arguments):
        self.made = (function, arguments)

    def __reduce__(self):
        return self.made


@pytest.mark.parametrize("function", [os.system, os.mkdir, eval, exec, __import__, getattr, open, subprocess.Popen, Sandbox, import_module])
def test_an_answer_that_would_run_something_here_is_refused_and_runs_nothing(function, tmp_path):
    left = tmp_path / "left"
    arguments = {os.system: (f"touch {left}",), os.mkdir: (str(left),), open: (str(left), "w"), subprocess.Popen: (["touch", str(left)],)}
    poisoned = pickle.dumps((True, _Poisoned(function, *arguments.get(function, ("1",)))))
    with pytest.raises(pickle.UnpicklingError):
        taken_apart(poisoned)
    assert not left.exists()


@pytest.mark.parametrize(
    "name",
    ["mailbox_ingest.documents.sandbox.pool\nos.system", "mailbox_ingest.documents.office\nconvert", "mailbox_ingest.model\n__import__"],
)
def test_our_own_modules_are_no_way_around(name):
    with pytest.raises(pickle.UnpicklingError):
        taken_apart(f"(I01\nc{name}\n(S'id'\ntRt.".encode())


@pytest.mark.parametrize(
    "data", [b"", b"\x80\x05.", pickle.dumps(7), pickle.dumps((1, 2)), pickle.dumps((False, "no exception")), b"x" * 99]
)
def test_what_is_no_answer_is_refused(data):
    with pytest.raises(pickle.UnpicklingError):
        taken_apart(data)


def test_what_readers_answer_with_crosses_the_border():
    now = datetime(2020, 8, 20, 17, 0, tzinfo=UTC)
    evidence = Evidence(document="x", place="trang 1", raw="1", method="table", box=Box(page=1, left=1, top=1, width=1, height=1))
    answer = (evidence, Period(2020, 34), Decimal("1.5"), now, now.date(), frozenset({1}), {"a": [b"b", None]}, Outcome.ACCEPTED)
    assert taken_apart(pickle.dumps((True, answer))) == (True, answer)


def test_the_error_of_a_library_crosses_as_a_plain_one_with_its_name(sandbox):
    with pytest.raises(RuntimeError, match="BadZipFile") as caught:
        sandbox.submit(zipfile.ZipFile, io.BytesIO(b"x"), seconds=30).result(timeout=90)
    assert "Traceback" in caught.value.__notes__[0]
