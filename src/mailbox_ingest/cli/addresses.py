"""`units proposals`, `approve-address`, `decline-address`, `revive-address`: addresses that knock, and addresses that live again."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser, Namespace, _SubParsersAction

from mailbox_ingest.cli.common import opened
from mailbox_ingest.cli.output import Output
from mailbox_ingest.store.registry.proposals import AddressProposal


def add_actions(units: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    """Actions of `units`."""
    parser = units.add_parser("proposals", parents=[common], help="addresses of strangers who reported under a unit's letterhead")
    parser.add_argument("--all", action="store_true", help="those that were decided, too")
    parser.set_defaults(run=proposals)
    for name, run, words in (
        ("approve-address", approve, "register a proposed address"),
        ("decline-address", decline, "do not register a proposed address"),
    ):
        parser = units.add_parser(name, parents=[common], help=words)
        parser.add_argument("address", metavar="ADDRESS")
        parser.add_argument("--unit", metavar="CODE", help="for which unit (default: the one it is proposed for)")
        parser.add_argument("--who", metavar="NAME", help="who decides (default: the user of this machine)")
        parser.set_defaults(run=run)
    parser = units.add_parser("revive-address", parents=[common], help="a dead address takes mail again: it gets reminders from now on")
    parser.add_argument("address", metavar="ADDRESS")
    parser.add_argument("--who", metavar="NAME", help="who says so (default: the user of this machine)")
    parser.set_defaults(run=revive)


def proposals(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        found = app.addresses().proposals(state=None if arguments.all else "proposed")
    if out.as_json:
        for item in found:
            out.record(item)
        return 0
    rows = ((item.address, item.unit, item.seen, item.last_seen_at, item.message_id, item.state, item.decided_by) for item in found)
    out.table(("Address", "Unit", "Seen", "Last", "Message", "State", "Who"), rows)
    return 0


def approve(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        done = app.addresses(arguments.who or getpass.getuser()).approve(arguments.address, unit=arguments.unit)
    advice = "Add it to the registry's file, too: an import makes the registry what the file says."
    out.record(done, human=f"{done.address} is registered for {done.unit}. {advice}")
    return 0


def decline(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        done = app.addresses(arguments.who or getpass.getuser()).decline(arguments.address, unit=arguments.unit)
    for item in done:
        out.record(item, human=_declined(item))
    return 0


def revive(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        before = app.addresses(arguments.who or getpass.getuser()).revive(arguments.address)
    found = {"address": before.address, "before": before.state, "state": "reachable"}
    out.record(found, human=f"{before.address} was {before.state} and counts as reachable from now on.")
    return 0


def _declined(item: AddressProposal) -> str:
    return f"{item.address} stays unregistered for {item.unit}."
