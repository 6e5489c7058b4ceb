"""The arguments of every command; no command runs from here."""

from __future__ import annotations

from argparse import ArgumentParser

from mailbox_ingest import __version__
from mailbox_ingest.cli import (
    alarms,
    audit,
    auth,
    copies,
    demo,
    desk,
    digests,
    doctor,
    look,
    outgoing,
    registry,
    reminders,
    replays,
    reviews,
    upward,
    work,
)

TOPICS = (work, digests, upward, reminders, look, reviews, audit, replays, outgoing, registry, desk, alarms, copies, doctor, auth, demo)


def build_parser() -> ArgumentParser:
    """One parser; every command leaves its function in `run`."""
    parser = ArgumentParser(
        prog="mailbox-ingest",
        description="Turns the reports that units e-mail into numbers that leadership can trust.",
        epilog="Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.",
    )
    parser.add_argument("--version", action="version", version=f"mailbox-ingest {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    common = _common()
    for topic in TOPICS:
        topic.add_commands(commands, common)
    return parser


def _common() -> ArgumentParser:
    """What every command takes."""
    common = ArgumentParser(add_help=False)
    group = common.add_argument_group("common options")
    group.add_argument("--config", metavar="FILE", help="configuration file (default: config.toml)")
    group.add_argument("--database", metavar="URL", help="database instead of the configuration's; without --config no file is read at all")
    group.add_argument("--json", action="store_true", help="print for programs: one JSON object a line")
    group.add_argument(
        "--log-level", choices=("DEBUG", "INFO", "WARNING", "ERROR"), help="what goes to stderr (default: WARNING; INFO for run)"
    )
    group.add_argument("--log-json", action="store_true", help="log lines as JSON objects")
    return common
