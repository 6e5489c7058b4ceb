"""Every file of public test suites through the sandbox: one answer each, no crash, no process left behind, the parent's memory flat.

    python -m bench.public_suites                      fetches the suites' source packages into a temporary folder
    python -m bench.public_suites --folder DIR         reads what lies in DIR (packages or files) instead

Nothing of the suites is kept. An answer is documents, failures, or silence about what is no report by nature (logos, signatures); anything
else - another exception, a child that died or ran out of time - is counted apart and listed.
"""

from __future__ import annotations

import argparse
import gc
import io
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.attachments import read_attachment
from mailbox_ingest.documents.sandbox.pool import Sandbox
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Attachment

# Those whose source packages carry their test files.
_PACKAGES = "python-docx olefile oletools pypdf rarfile tnefparse odfpy mail-parser pikepdf"
_SUFFIXES = (
    "doc docx docm dot dotx rtf odt xls xlsx xlsm xlsb xlt ods csv tsv pdf msg eml dat tnef zip rar 7z gz bz2 xz tar htm html mht xml "
    "png jpg jpeg gif bmp tif tiff webp heic txt"
)
PACKAGES, SUFFIXES = tuple(_PACKAGES.split()), frozenset(_SUFFIXES.split())
LIMITS = LimitsConfig(document_seconds=20.0, ocr_seconds=90.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    suite: str
    name: str
    outcome: str  # 'documents', 'failures', 'both', 'silence', 'died', 'time', 'bug'
    detail: str
    seconds: float


def fetch(folder: Path) -> None:
    """The source packages through pip. A package that cannot be had is told, and the others are read."""
    for package in PACKAGES:
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "-q", "--no-deps", "--no-binary", ":all:"]
        done = subprocess.run([*command, "-d", str(folder), package], capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{package}: not fetched: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)


def files_in(folder: Path) -> Iterator[tuple[str, str, bytes]]:
    """(suite, name, bytes) of every file with an office suffix, in packages and beside them."""
    for path in sorted(folder.iterdir()):
        if path.name.endswith(".tar.gz"):
            with tarfile.open(path) as archive:
                for entry in archive:
                    content = archive.extractfile(entry) if entry.isfile() and _is_wanted(entry.name) else None
                    if content is not None:
                        yield _suite(path), entry.name, content.read()
        elif path.suffix == ".zip" and path.name.rpartition("-")[2][:1].isdigit():
            with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as package:
                for name in package.namelist():
                    if _is_wanted(name):
                        yield _suite(path), name, package.read(name)
        elif path.is_file() and _is_wanted(path.name):
            yield folder.name, path.name, path.read_bytes()


def _is_wanted(name: str) -> bool:
    # Only what the suites test with: licences and change logs are no office documents.
    tested = any(word in name.lower() for word in ("test", "example", "sample", "resource", "input", "fixture", "images", "files"))
    return tested and name.rpartition(".")[2].lower() in SUFFIXES


def _suite(path: Path) -> str:
    return path.name.rpartition("-")[0]


def answer(pool: Sandbox, suite: str, name: str, data: bytes) -> Answer:
    """What one file gives, in the sandbox."""
    short = name.rpartition("/")[2]
    attachment = Attachment(path=short, name=short, content_type="application/octet-stream", data=data)
    started = time.perf_counter()
    try:
        documents, failures = pool.submit(partial(read_attachment, limits=LIMITS), attachment, seconds=LIMITS.ocr_seconds).result()
    except DocumentError as death:
        outcome, detail = "time" if "longer" in death.detail else "died", death.detail
    except Exception as bug:  # noqa: BLE001 - the point of this bench is to meet them
        outcome, detail = "bug", f"{type(bug).__name__}: {bug}"
    else:
        outcome = {(True, True): "both", (True, False): "documents", (False, True): "failures", (False, False): "silence"}[
            bool(documents), bool(failures)
        ]
        detail = ", ".join(f"{failure.code}: {failure.detail}" for failure in failures)
    return Answer(suite=suite, name=name, outcome=outcome, detail=detail, seconds=time.perf_counter() - started)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="packages or files to read instead of fetching any")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="list the N slowest files, too")
    parser.add_argument("--failures", action="store_true", help="list what could not be read, and why")
    options = parser.parse_args()
    me = psutil.Process()
    with tempfile.TemporaryDirectory() as made:
        folder = options.folder or Path(made)
        if options.folder is None:
            fetch(folder)
        answers: list[Answer] = []
        with Sandbox(1, LIMITS.memory_bytes) as pool:
            before = 0
            for suite, name, data in files_in(folder):
                answers.append(answer(pool, suite, name, data))
                if len(answers) == 50:  # warm by now
                    before = me.memory_info().rss
        gc.collect()
        after = me.memory_info().rss
    _print(answers)
    print(f"parent memory: {before / 1e6:.0f} MB after 50 files, {after / 1e6:.0f} MB at the end")
    print(f"processes left: {len(me.children(recursive=True))}")
    for found in answers if options.failures else ():
        if found.detail:
            print(f"  {found.suite} {found.name.rpartition('/')[2]}: {found.detail[:140]}")
    for found in sorted(answers, key=lambda a: -a.seconds)[: options.show]:
        print(f"  {found.seconds:6.2f} s {found.suite} {found.name}: {found.outcome} {found.detail[:100]}")
    return 1 if any(a.outcome in ("bug", "died", "time") for a in answers) or me.children(recursive=True) else 0


def _print(answers: list[Answer]) -> None:
    kinds = ("documents", "both", "failures", "silence", "died", "time", "bug")
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for found in answers:
        table[found.suite][found.outcome] += 1
    print(f"| suite | files | {' | '.join(kinds)} | slowest s |\n|---|{'---|' * (len(kinds) + 2)}")
    for suite, counts in [*sorted(table.items()), ("all", sum(table.values(), Counter[str]()))]:
        slowest = max((a.seconds for a in answers if suite in (a.suite, "all")), default=0.0)
        print(f"| {suite} | {counts.total()} | {' | '.join(str(counts[kind]) for kind in kinds)} | {slowest:.1f} |")
    for found in answers:
        if found.outcome in ("died", "time", "bug"):
            print(f"  {found.outcome}: {found.suite} {found.name}: {found.detail}")


if __name__ == "__main__":
    sys.exit(main())
