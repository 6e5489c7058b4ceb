"""`alarms list|test`: what is in trouble now and was before; whether the channels for alarms work."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction

from mailbox_ingest.app.alarming import try_channels
from mailbox_ingest.cli.common import configuration, opened
from mailbox_ingest.cli.output import Output
from mailbox_ingest.errors import ConfigurationError


def add_commands(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    parser = commands.add_parser("alarms", help="what is in trouble; a test of the channels for alarms")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listed = actions.add_parser("list", parents=[common], help="open alarms")
    listed.add_argument("--history", type=int, default=0, metavar="N", help="also the latest N that are over")
    listed.set_defaults(run=show)
    actions.add_parser("test", parents=[common], help="send a test notice by every channel").set_defaults(run=test)


def show(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        health = app.health(history=max(0, arguments.history))
    alarms = (*health.alarms, *health.history)
    if not alarms:
        out.line("No alarms.")
        return 0
    rows = ((a.kind.value, a.key, a.opened_at, a.cleared_at, a.count, a.detail) for a in alarms)
    out.table(("Kind", "Key", "Opened", "Cleared", "Count", "Detail"), rows)
    return 0


def test(arguments: Namespace, out: Output) -> int:
    results = try_channels(configuration(arguments))
    if not results:
        raise ConfigurationError("alarms test: expected alarms.webhook_url_env, alarms.webhook_url_file or an [alarms.smtp] table")
    for name, failure in results:
        out.record({"channel": name, "ok": failure is None, "reason": failure}, human=f"{name}: {failure or 'sent'}")
    return 1 if any(failure for _, failure in results) else 0
