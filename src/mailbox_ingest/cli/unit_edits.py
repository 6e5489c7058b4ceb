"""`units add`, `edit`, `retire`, `merge`: the registry by hand, without a file."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser, Namespace, _SubParsersAction

from mailbox_ingest.app import App
from mailbox_ingest.app.registering import Registrar
from mailbox_ingest.cli.common import opened
from mailbox_ingest.cli.output import Output

_FILE = "Change the registry's file, too: an import makes the registry what the file says."


def add_actions(units: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    """Actions of `units`."""
    acting = ArgumentParser(add_help=False)
    acting.add_argument("code", metavar="CODE")
    acting.add_argument("--who", metavar="NAME", help="who decides (default: the user of this machine)")
    parser = units.add_parser("add", parents=[common, acting], help="a new unit")
    parser.add_argument("--name", required=True, help="its full name")
    parser.add_argument("--group", default="", help="huyện, ngành, …")
    parser.set_defaults(run=add)
    _lists(parser)
    parser = units.add_parser("edit", parents=[common, acting], aliases=["rename"], help="another name, group, other addresses or aliases")
    parser.add_argument("--name", help="the old one is kept among the aliases")
    parser.add_argument("--group")
    parser.add_argument("--restore", action="store_true", help="bring a retired unit back")
    parser.set_defaults(run=edit)
    _lists(parser)
    parser = units.add_parser("retire", parents=[common, acting], help="it owes nothing from now on; its past stays")
    parser.add_argument("--reason", default="", metavar="TEXT")
    parser.set_defaults(run=retire)
    parser = units.add_parser("merge", parents=[common, acting], help="its reports, addresses and names go to another unit; it is retired")
    parser.add_argument("into", metavar="INTO", help="the code of the other unit")
    parser.add_argument("--reason", default="", metavar="TEXT")
    parser.set_defaults(run=merge)


def _lists(parser: ArgumentParser) -> None:
    parser.add_argument("--email", action="append", metavar="ADDRESS", help="all its addresses, one each time")
    parser.add_argument("--alias", action="append", metavar="NAME", help="all its other names, one each time")


def add(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        emails, aliases = tuple(arguments.email or ()), tuple(arguments.alias or ())
        unit = _registrar(app, arguments).add(arguments.code, arguments.name, group=arguments.group, emails=emails, aliases=aliases)
    out.record(unit, human=f"{unit.code} is in the registry. {_FILE}")
    return 0


def edit(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        unit = _registrar(app, arguments).edit(
            arguments.code,
            name=arguments.name,
            group=arguments.group,
            emails=None if arguments.email is None else tuple(arguments.email),
            aliases=None if arguments.alias is None else tuple(arguments.alias),
            restore=arguments.restore,
        )
    out.record(unit, human=f"{unit.code}: {unit.name}; {', '.join(unit.emails) or 'no address'}. {_FILE}")
    return 0


def retire(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        unit = _registrar(app, arguments).retire(arguments.code, reason=arguments.reason)
    out.record({"unit": unit.code, "active": False}, human=f"{unit.code} is retired. {_FILE}")
    return 0


def merge(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        moved = _registrar(app, arguments).merge(arguments.code, arguments.into, reason=arguments.reason)
    stayed = f" {len(moved.stayed)} closed weeks stay with {arguments.code}." if moved.stayed else ""
    out.record(moved, human=f"{len(moved.reports)} reports and {len(moved.addresses)} addresses went to {arguments.into}.{stayed} {_FILE}")
    return 0


def _registrar(app: App, arguments: Namespace) -> Registrar:
    return app.registrar(arguments.who or getpass.getuser())
