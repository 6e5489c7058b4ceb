"""`demo`: three weeks of invented mail through the whole house, and a folder to look at."""

from __future__ import annotations

import shutil
import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from importlib.util import find_spec
from pathlib import Path

from mailbox_ingest.cli.output import Output
from mailbox_ingest.errors import ConfigurationError

_NEEDED = ("aiosmtpd", "pymap", "docx", "reportlab")
_MARK = "mailbox-ingest.db"


def add_commands(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    parser = commands.add_parser("demo", parents=[common], help="three weeks of invented mail through the whole house")
    parser.add_argument("--out", default="demo-output", metavar="FOLDER", help="where the result goes (default: demo-output)")
    parser.add_argument("--weeks", type=int, choices=(1, 2, 3), default=3, help="play only the first weeks")
    parser.set_defaults(run=run)


def run(arguments: Namespace, out: Output) -> int:
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise ConfigurationError(
            f"demo: expected the packages of the extra 'demo' (missing: {', '.join(missing)}): install mailbox-ingest[demo]"
        )
    # Only now: the demo's packages are no part of an ordinary installation.
    from mailbox_ingest.demo.play import play  # noqa: PLC0415
    from mailbox_ingest.demo.show import write_mails  # noqa: PLC0415
    from mailbox_ingest.demo.story import FIELDS  # noqa: PLC0415

    folder = _emptied(Path(arguments.out))
    out.line(f"Playing {arguments.weeks} week(s) of 2020 on an IMAP and an SMTP server inside this process …")
    with out.progress("playing", None) as advance:
        played = play(folder, weeks=arguments.weeks, tell=lambda _: advance())
    replies, digests = write_mails(played, folder)
    out.line()
    unexpected = 0
    rows = []
    for number, (scene, item) in enumerate(played.scenes, start=1):
        outcome = str(item.details.message.outcome)
        unexpected += outcome not in scene.outcomes
        report = item.details.reports[0] if item.details.reports else None
        values = " / ".join(f"{report.values[name]:,}".replace(",", ".") for name in FIELDS if name in report.values) if report else ""
        codes = tuple(dict.fromkeys(f.code for f in (*item.details.findings, *(f for r in item.details.reports for f in r.findings))))
        week = "" if report is None or report.period is None else str(report.period)
        rows.append((number, f"{scene.at:%d/%m %H:%M}", scene.shows, outcome, report.unit if report else "", week, values, codes))
    out.table(("No", "Arrived", "Shows", "Outcome", "Unit", "Week", "Values", "Findings"), rows)
    out.line()
    out.line(f"{len(played.scenes)} mails read, {len(replies)} replies and {len(digests)} digests sent.")
    out.line(f"{unexpected} outcomes are not as the story has them.")
    out.line("Open:")
    for page in (*digests[-1:], *replies[:1]):
        out.line(f"  {page}")
    out.line(f"  {folder}/digests/ (.eml, .html, .png, .xlsx)   {folder}/replies/   {folder}/incoming/   {folder}/{_MARK}")
    program, database = _program(), f"--database sqlite:///{folder / _MARK}"
    out.line(f"Ask further:   {program} explain 1 {database}")
    out.line(f"The web desk:  {program} console users add an --role quan-tri {database}")
    out.line(f"               {program} console {database}        then http://127.0.0.1:8650/")
    _tell_what_is_missing(out)
    return 1 if unexpected else 0


def _program() -> str:
    """As it was called, so that the lines can be copied."""
    return sys.argv[0] if Path(sys.argv[0]).name == "mailbox-ingest" else "mailbox-ingest"


def _emptied(folder: Path) -> Path:
    """A folder for the result; one that an earlier demo filled is emptied, any other is left alone."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).is_file():
            raise ConfigurationError(f"demo: --out = {folder}: expected a new or empty folder, or one of an earlier demo")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _tell_what_is_missing(out: Output) -> None:
    tools = {"tesseract": "scans and photos", "soffice": "old Office formats", "unar": "some archives"}
    for tool, what in tools.items():
        if shutil.which(tool) is None:
            out.line(f"Note: {tool} is not installed here; {what} would go to a human (make setup installs it).")
