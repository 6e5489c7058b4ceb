"""`backup` and `restore`: a copy of the database, made while the service runs; and its return, while it stands still."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace, _SubParsersAction
from pathlib import Path

from mailbox_ingest.app.copies import copy_now
from mailbox_ingest.app.house import utc_now
from mailbox_ingest.backup import restore as put_back
from mailbox_ingest.cli.common import configuration
from mailbox_ingest.cli.output import Output
from mailbox_ingest.errors import ConfigurationError


def add_commands(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    parser = commands.add_parser("backup", parents=[common], help="copy the database, also while the worker runs")
    parser.add_argument("target", nargs="?", metavar="DEST", help="a file, or a folder (default: the folder of [backup])")
    parser.add_argument("--keep", type=_positive, metavar="N", help="in a folder: remove all but the newest N copies")
    parser.set_defaults(run=backup)
    parser = commands.add_parser("restore", parents=[common], help="put a copy in the place of the database; stop the worker first")
    parser.add_argument("source", metavar="SOURCE", help="a copy made by `backup`")
    parser.add_argument("--force", action="store_true", help="replace a database that holds something")
    parser.set_defaults(run=restore)


def backup(arguments: Namespace, out: Output) -> int:
    config = configuration(arguments)
    target = arguments.target or (config.backup.folder if config.backup else None)
    if target is None:
        raise ConfigurationError("backup: expected a file or a folder, or a [backup] table in the configuration")
    keep = arguments.keep or (config.backup.keep if config.backup and not arguments.target else None)
    made = copy_now(config, Path(target), now=utc_now(), keep=keep)
    human = f"{made.path}: {made.size_bytes} bytes" + "".join(f"\nremoved {path}" for path in made.forgotten)
    out.record({"path": made.path, "size_bytes": made.size_bytes, "forgotten": made.forgotten}, human=human)
    return 0


def restore(arguments: Namespace, out: Output) -> int:
    done = put_back(configuration(arguments).store_url, Path(arguments.source), force=arguments.force)
    lines = [f"Restored {arguments.source} (schema {done.revision})."]
    if done.needs_upgrade:
        lines.append("It is of an older version: run `mailbox-ingest db upgrade` before the worker.")
    if done.doubted:
        lines.append(f"{done.doubted} mails that were waiting are looked up in the folder of sent mails before they go out.")
    facts = {"source": arguments.source, "schema": done.revision, "needs_upgrade": done.needs_upgrade, "doubted": done.doubted}
    out.record(facts, human="\n".join(lines))
    return 0


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r}: expected a number from 1")
    return int(text)
