"""`units` (import, list, export, exempt, term; addresses in `addresses.py`) and `db` (upgrade, check)."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser, Namespace, _SubParsersAction
from datetime import date
from pathlib import Path

from mailbox_ingest.app import checked_engine
from mailbox_ingest.cli import unit_edits
from mailbox_ingest.cli.addresses import add_actions
from mailbox_ingest.cli.common import configuration, opened, week
from mailbox_ingest.cli.output import Output
from mailbox_ingest.errors import ConfigurationError


def add_commands(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    units = commands.add_parser("units", help="the registry of units").add_subparsers(metavar="ACTION", required=True)
    parser = units.add_parser("import", parents=[common], help="make the registry what a .csv or .xlsx file says")
    parser.add_argument("file", nargs="?", help="columns code,name,group,emails,aliases (default: units_file of the configuration)")
    parser.set_defaults(run=import_units)
    parser = units.add_parser("list", parents=[common], help="the units with their addresses")
    parser.set_defaults(run=list_units)
    parser = units.add_parser("export", parents=[common], help="write the registry to a .csv or .xlsx file")
    parser.add_argument("file")
    parser.set_defaults(run=export_units)

    parser = units.add_parser("exempt", parents=[common], help="a unit need not report for a week; without CODE, list the exemptions")
    parser.add_argument("code", nargs="?", metavar="CODE")
    parser.add_argument("--period", metavar="YYYY-Wnn", help="which week")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why, in Vietnamese: the digest says so")
    parser.add_argument("--form", metavar="NAME", help="which form (default: the only one configured)")
    parser.add_argument("--lift", action="store_true", help="take the exemption back")
    parser.add_argument("--who", metavar="NAME", help="who decides (default: the user of this machine)")
    parser.set_defaults(run=exempt)
    parser = units.add_parser("term", parents=[common], help="from when and until when a unit owes reports")
    parser.add_argument("code", metavar="CODE")
    parser.add_argument("--opened", type=date.fromisoformat, metavar="YYYY-MM-DD", help="owes nothing that is due before this day")
    parser.add_argument("--closed", type=date.fromisoformat, metavar="YYYY-MM-DD", help="owes nothing that is due from this day on")
    parser.add_argument("--who", metavar="NAME", help="who decides (default: the user of this machine)")
    parser.set_defaults(run=term)

    add_actions(units, common)
    unit_edits.add_actions(units, common)

    database = commands.add_parser("db", help="the database").add_subparsers(metavar="ACTION", required=True)
    parser = database.add_parser("upgrade", parents=[common], help="create the tables, or bring them to this version")
    parser.set_defaults(run=upgrade)
    parser = database.add_parser("check", parents=[common], help="whether the tables are this version's")
    parser.set_defaults(run=check)


def import_units(arguments: Namespace, out: Output) -> int:
    config = configuration(arguments)
    name = arguments.file or config.units_file
    if name is None:
        raise ConfigurationError("units import: expected a file here, or units_file in the configuration")
    with opened(arguments) as app:
        changes = app.import_units(Path(name))
    counts = {kind: getattr(changes, kind) for kind in ("added", "changed", "unchanged", "retired")}
    out.record(counts, human=", ".join(f"{len(codes)} {kind}" for kind, codes in counts.items()))
    for kind in ("added", "changed", "retired"):
        for code in counts[kind]:
            out.line(f"  {kind:8} {code}")
    return 0


def list_units(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        units = app.list_units()
        contacts = app.addresses().contacts()
    rows = (
        (
            item.unit.code,
            item.unit.name,
            item.unit.group,
            item.unit.emails,
            item.unit.aliases,
            "active" if item.active else "retired",
            [str(contacts[email].state) if email in contacts else "unknown" for email in item.unit.emails],
        )
        for item in units
    )
    out.table(("Code", "Name", "Group", "Emails", "Aliases", "State", "Contact"), rows)
    return 0


def export_units(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        count = app.export_units(Path(arguments.file))
    out.record({"file": arguments.file, "units": count}, human=f"{count} units written to {arguments.file}")
    return 0


def exempt(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        if arguments.code is None:
            rows = ((e.period, e.unit, e.form, e.reason, e.who) for e in app.exemptions(form=arguments.form))
            out.table(("Period", "Unit", "Form", "Reason", "Who"), rows)
            return 0
        period = week(arguments.period or "")
        if arguments.lift:
            app.lift_exemption(arguments.code, period, form=arguments.form, who=arguments.who or getpass.getuser())
        else:
            app.exempt_unit(arguments.code, period, form=arguments.form, reason=arguments.reason, who=arguments.who or getpass.getuser())
    words = "owes the report again" if arguments.lift else "need not report"
    out.record({"unit": arguments.code, "period": period, "exempt": not arguments.lift}, human=f"{arguments.code} {words} for {period}")
    return 0


def term(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        app.set_term(arguments.code, opened_on=arguments.opened, closed_on=arguments.closed, who=arguments.who or getpass.getuser())
    found = {"unit": arguments.code, "opened_on": arguments.opened, "closed_on": arguments.closed}
    limits = [f"from {arguments.opened}"] * (arguments.opened is not None) + [f"until {arguments.closed}"] * (arguments.closed is not None)
    out.record(found, human=f"{arguments.code} owes reports {' '.join(limits) or 'without limits'}")
    return 0


def upgrade(arguments: Namespace, out: Output) -> int:
    with checked_engine(configuration(arguments), upgrade_schema=True):
        out.record({"database": "current"}, human="The database is at this version's schema.")
    return 0


def check(arguments: Namespace, out: Output) -> int:
    with checked_engine(configuration(arguments), upgrade_schema=False):
        out.record({"database": "current"}, human="The database is at this version's schema.")
    return 0
