"""`console`: the web desk, and who may use it. Passwords come from a prompt, from stdin or from the environment, never from an argument."""

from __future__ import annotations

import getpass
import os
import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from mailbox_ingest.access import Accounts
from mailbox_ingest.app import App
from mailbox_ingest.cli.common import configuration, opened
from mailbox_ingest.cli.output import Output
from mailbox_ingest.config import Config, ConsoleConfig
from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.model import Role

PASSWORD_VARIABLE = "MAILBOX_INGEST_CONSOLE_PASSWORD"


def add_commands(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    parser = commands.add_parser("console", parents=[common], help="the web desk; `console users` says who may use it")
    parser.add_argument("--port", type=int, help="instead of the configuration's")
    parser.set_defaults(run=serve, usual_log_level="INFO")
    topics = parser.add_subparsers(metavar="")
    actions = topics.add_parser("users", help="who may use the web desk").add_subparsers(metavar="ACTION", required=True)
    action = actions.add_parser("list", parents=[common], help="all users")
    action.set_defaults(run=list_users, usual_log_level="WARNING")
    action = _named(actions, common, "add", "a new user; asks for the password", add_user)
    action.add_argument("--role", choices=[role.value for role in Role], default=Role.DECIDE.value, help="default: xu-ly")
    action.add_argument("--full-name", default="", metavar="TEXT")
    _named(actions, common, "disable", "cannot log in any more, and is logged out at once", disable_user)
    _named(actions, common, "enable", "may log in again", enable_user)
    _named(actions, common, "password", "a new password; ends all sessions of the user", change_password)
    action = _named(actions, common, "role", "what the user may do", change_role)
    action.add_argument("role", choices=[role.value for role in Role])


def _named(actions: _SubParsersAction[ArgumentParser], common: ArgumentParser, name: str, about: str, run: object) -> ArgumentParser:
    parser = actions.add_parser(name, parents=[common], help=about)
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--who", default=None, metavar="NAME", help="who does this, for the audit (default: the user of this machine)")
    parser.set_defaults(run=run, usual_log_level="WARNING")
    return parser


def serve(arguments: Namespace, out: Output) -> int:
    settings = configuration(arguments).console or ConsoleConfig()
    if arguments.port is not None:
        settings = replace(settings, port=arguments.port)
    from mailbox_ingest import console  # noqa: PLC0415 - the web server is paid for by this command only

    with opened(arguments) as app:
        if not any(user.active for user in _accounts(app, arguments).list()):
            out.complain("nobody may log in yet: `mailbox-ingest console users add NAME --role quan-tri`")
        console.serve(app, settings)
    return 0


@contextmanager
def beside(app: App, config: Config) -> Iterator[None]:
    """The desk in a thread, where the configuration has a [console] table."""
    if config.console is None:
        yield
        return
    from mailbox_ingest.console import ConsoleServer  # noqa: PLC0415 - the web server is paid for where it runs only

    with ConsoleServer(app, config.console):
        yield


def list_users(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        users = _accounts(app, arguments).list()
    rows = [(user.name, user.full_name, user.role.value, "yes" if user.active else "no", user.created_at) for user in users]
    out.table(("Name", "Full name", "Role", "Active", "Since"), rows)
    return 0


def add_user(arguments: Namespace, out: Output) -> int:
    password = _password()
    with opened(arguments) as app:
        role = Role(arguments.role)
        _accounts(app, arguments).add(arguments.name, full_name=arguments.full_name, role=role, password=password)
    out.record({"user": arguments.name, "role": arguments.role}, human=f"{arguments.name} may log in as {arguments.role}.")
    return 0


def disable_user(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        _accounts(app, arguments).set_active(arguments.name, False)
    out.record({"user": arguments.name, "active": False}, human=f"{arguments.name} cannot log in any more.")
    return 0


def enable_user(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        _accounts(app, arguments).set_active(arguments.name, True)
    out.record({"user": arguments.name, "active": True}, human=f"{arguments.name} may log in again.")
    return 0


def change_password(arguments: Namespace, out: Output) -> int:
    password = _password()
    with opened(arguments) as app:
        _accounts(app, arguments).set_password(arguments.name, password)
    out.record({"user": arguments.name}, human=f"{arguments.name} has a new password; all sessions of theirs are closed.")
    return 0


def change_role(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        _accounts(app, arguments).set_role(arguments.name, Role(arguments.role))
    out.record({"user": arguments.name, "role": arguments.role}, human=f"{arguments.name} now has the role {arguments.role}.")
    return 0


def _accounts(app: App, arguments: Namespace) -> Accounts:
    return Accounts(sessions=app.sessions, clock=app.clock, who=getattr(arguments, "who", None) or getpass.getuser())


def _password() -> str:
    """Typed twice at a terminal; otherwise of the environment, or the first line of stdin."""
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise ConfigurationError("password: expected the same text twice")
    return password
