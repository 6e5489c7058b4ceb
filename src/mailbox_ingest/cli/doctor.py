"""`doctor`: looks at everything the service needs and says what to do. Exit code 1 when something it needs is missing."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path

from mailbox_ingest.app.checks import BAD, check_all
from mailbox_ingest.app.house import utc_now
from mailbox_ingest.cli.common import DEFAULT_CONFIG, configuration
from mailbox_ingest.cli.output import Output
from mailbox_ingest.config_file import secret_files


def add_commands(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    parser = commands.add_parser("doctor", parents=[common], help="check configuration, database, IMAP, SMTP, reading tools, clock")
    parser.set_defaults(run=run)


def run(arguments: Namespace, out: Output) -> int:
    config = configuration(arguments)
    from_file = not arguments.database or arguments.config
    files = secret_files(Path(arguments.config or DEFAULT_CONFIG)) if from_file else ()
    failed = 0
    for check in check_all(config, now=utc_now(), secret_files=files):
        failed += check.state == BAD
        out.record(check, human=f"{check.state:8}{check.name}: {check.found}" + (f"\n        → {check.advice}" if check.advice else ""))
    return 1 if failed else 0
