"""`auth google`: a person lets the program into an account by OAuth2; the refresh token goes into a file that only its owner may read."""

from __future__ import annotations

import sys
import webbrowser
from argparse import ArgumentParser, Namespace, _SubParsersAction

from mailbox_ingest.app.accounts import Accounts
from mailbox_ingest.app.house import utc_now
from mailbox_ingest.cli.common import configuration
from mailbox_ingest.cli.output import Output
from mailbox_ingest.errors import ConfigurationError


def add_commands(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    topic = commands.add_parser("auth", help="let the program into a mail account by OAuth2")
    providers = topic.add_subparsers(title="providers", metavar="PROVIDER", required=True)
    parser = providers.add_parser("google", parents=[common], help="give the authorisation at Google, and store it")
    parser.add_argument("--account", metavar="ADDRESS", help="which account, where several have auth = 'oauth2'")
    parser.add_argument(
        "--no-browser", action="store_true", help="for a machine without one: open the address elsewhere, paste the one it ends at"
    )
    parser.add_argument("--port", type=int, default=0, help="listen on this port of 127.0.0.1, for a tunnel to this machine (default: any)")
    parser.set_defaults(run=google)


def google(arguments: Namespace, out: Output) -> int:
    from mailbox_ingest.oauth import Consent  # noqa: PLC0415 - HTTP and OAuth libraries, for this command only

    config = configuration(arguments)
    accounts = Accounts(config=config, clock=utc_now)
    account = _chosen(accounts, arguments.account)
    consent = Consent(accounts.google, account, clock=utc_now)
    if arguments.no_browser:
        path = consent.by_hand(lambda address: _say(f"Open this address in a browser, as {account}:\n\n{address}\n"), _pasted)
    else:
        path = consent.by_loopback(lambda address: _open(address, account), port=arguments.port)
    logins = _logins_that_work(accounts, account)
    out.record(
        {"account": account, "token_file": str(path), "checked": logins}, human=f"Stored in {path}; {', '.join(logins)}: login works."
    )
    return 0


def _chosen(accounts: Accounts, named: str | None) -> str:
    names = accounts.names
    if not names:
        raise ConfigurationError("auth google: expected auth = 'oauth2' in [[mailboxes]] or [smtp] of the configuration")
    if named is None and len(names) == 1:
        return names[0]
    if named is None or named.lower() not in names:
        raise ConfigurationError(f"--account {named or '(none given)'}: expected one of {', '.join(names)}")
    return named.lower()


def _logins_that_work(accounts: Accounts, account: str) -> list[str]:
    """Tries what the authorisation is for: somebody may have been in the browser as somebody else. Raises as a poll does."""
    from mailbox_ingest.imap import ImapSource  # noqa: PLC0415 - for this command only
    from mailbox_ingest.smtp import SmtpSubmitter  # noqa: PLC0415

    config, checked = accounts.config, []
    for box in config.mailboxes:
        if box.auth == "oauth2" and box.user.lower() == account:
            ImapSource(box, tokens=accounts.tokens(box)).check()
            checked.append(f"mailbox {box.name}")
    smtp = config.smtp
    if smtp is not None and smtp.auth == "oauth2" and (smtp.user or "").lower() == account:
        SmtpSubmitter(smtp, tokens=accounts.tokens(smtp)).check()
        checked.append("outgoing mail")
    return checked


def _open(address: str, account: str) -> None:
    _say(f"Your browser opens this address; agree there as {account}:\n\n{address}\n")
    webbrowser.open(address)


def _pasted() -> str:
    _say("The browser ends at an address beginning with http://127.0.0.1 that it cannot show. Paste that address here:")
    return sys.stdin.readline()


def _say(text: str) -> None:
    """To stderr: stdout is for the result."""
    print(text, file=sys.stderr, flush=True)
