"""LibreOffice as the reader of last resort: one file in, one file out. Holds a process with a profile of its own; never a running server.

Macros stay off (no document of ours is trusted), nothing is printed, and the process dies with its time limit even when this one is killed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.errors import DocumentError

_MAX_RESULT_BYTES = 100_000_000


def convert(data: bytes, *, source: str, target: str, limits: LimitsConfig) -> bytes:
    """`data` (a file of extension `source`) as a file of extension `target`.

    Raises DocumentError: 'unsupported' where LibreOffice is not installed, 'unreadable' where it cannot open the file, 'too_large' where it
    does not finish in `limits.document_seconds`.
    """
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise DocumentError("unsupported", f"{source}: LibreOffice is not installed here")
    with tempfile.TemporaryDirectory(prefix="office-") as scratch:
        folder = Path(scratch)
        before = folder / f"document.{source}"
        before.write_bytes(data)
        result = folder / "out" / f"document.{target}"
        _run(_command(program, folder, before, target, limits.document_seconds), folder, limits.document_seconds, source)
        if not result.is_file():
            raise DocumentError("unreadable", f"{source}: LibreOffice cannot open it")
        if result.stat().st_size > _MAX_RESULT_BYTES:
            raise DocumentError("too_large", f"{source}: LibreOffice made more than {_MAX_RESULT_BYTES} bytes of it")
        return result.read_bytes()


def _command(program: str, folder: Path, before: Path, target: str, seconds: float) -> list[str]:
    command = [
        program,
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--nologo",
        "--nodefault",
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
    ]
    command += ["--convert-to", target, "--outdir", str(folder / "out"), str(before)]
    guard = shutil.which("timeout")  # ends LibreOffice even when we are killed before we could
    return [guard, "--kill-after=2", str(seconds + 2), *command] if guard else command


def _run(command: list[str], folder: Path, seconds: float, source: str) -> None:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "SAL_USE_VCLPLUGIN": "svp",
    }
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as problem:
        raise DocumentError("unsupported", f"{source}: LibreOffice cannot be started: {problem}") from problem
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired as problem:
        raise DocumentError("too_large", f"{source}: LibreOffice took more than {seconds:.0f} s") from problem
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """LibreOffice starts children of its own: its whole session goes."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
