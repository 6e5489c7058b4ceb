"""The exceptions of the house, by who must act. Library exceptions are translated at the one module that imports the library.

MailboxIngestError
├── OperatorError            somebody who runs the service must act: log, alarm, exit code 1
│   ├── ConfigurationError   a wrong file or option: exit code 2, nothing was started
│   ├── MailboxRefused       the IMAP server said no (password, folder, quota)
│   ├── SubmissionRefused    the SMTP server said no for good (5xx)
│   ├── StoreUnavailable     the database cannot be opened or is at another version
│   │   └── StoreFull        the disk, or the room the database was given, is full
│   ├── ReadingUnavailable   no reading process can be started: says nothing against any mail
│   ├── LoginRefused         the server does not take user and password, or the token: both a MailboxRefused and a SubmissionRefused
│   │   └── TokenRevoked     the account's OAuth authorisation is gone or missing: somebody must give it again
│   ├── BackupFailed         no copy was made, or none put back: what was there is untouched
│   ├── NoticeNotSent        a channel did not take an alarm
│   └── DecisionRefused      a decision on a held message that the rules do not allow: nothing was changed
├── TransientError           nobody must act: the next run tries again
│   ├── StoreBusy            somebody else holds the database's lock
│   ├── MailboxUnreachable   network, timeout, server closed the connection
│   │   └── MailboxOverQuota the server suspends us for having downloaded too much
│   ├── DownloadBudgetSpent  our own budget for a day's download is spent: stopped before the server's limit
│   ├── TokenUnavailable     the OAuth token server cannot be reached: both a MailboxUnreachable and a SubmissionDeferred
│   ├── SubmissionDeferred   the SMTP server said later (4xx), or the network failed before DATA was sent
│   │   ├── SubmissionPartly     so it said for some recipients only
│   │   └── SubmissionPaused     the provider's daily limit is reached: nothing is sent for a while
│   └── SubmissionUncertain  the line broke after DATA: look before sending again
├── SenderError              the sender must act: becomes a finding in the reply, never a log alarm
│   └── DocumentError        .code is one of 'encrypted', 'unreadable', 'too_large', 'unsupported'
└── ConflictError            a unique key already holds this: the caller decides what that means
    └── Overtaken            somebody or something changed a message since a person looked at it: look again
"""

from __future__ import annotations

from datetime import datetime


class MailboxIngestError(Exception):
    """Root of all our exceptions; the text says what happened and what to do.

    `code` and `facts` say the same to whoever tells it in another language; '' where a person at the desk never hears of it.
    """

    def __init__(self, text: object = "", *, code: str = "", **facts: object) -> None:
        super().__init__(text)
        self.code = code
        self.facts = facts


class OperatorError(MailboxIngestError):
    """Somebody who runs the service must act."""


class ConfigurationError(OperatorError):
    """A configuration key, command-line value or registry file is wrong. Text: key, value, what was expected."""


class MailboxRefused(OperatorError):
    """The IMAP server refused us for a reason that waiting does not mend."""


class SubmissionRefused(OperatorError):
    """The SMTP server refused a mail permanently (5xx)."""


class LoginRefused(MailboxRefused, SubmissionRefused):
    """A server, IMAP or SMTP, does not let the account in: wrong password, or an access token it does not take."""


class TokenRevoked(LoginRefused):
    """The OAuth authorisation of an account is missing, revoked or expired. Mended by `mailbox-ingest auth google` only."""


class StoreUnavailable(OperatorError):
    """The database cannot be opened, or its schema is not the one this version needs."""


class StoreFull(StoreUnavailable):
    """The database has no room left to write into."""


class ReadingUnavailable(OperatorError):
    """No reading process can be started (memory, processes, temporary folder). No mail's fault: what waits is read later."""


class BackupFailed(OperatorError):
    """A copy of the database could not be made, or put back. What was there before is there still."""


class NoticeNotSent(OperatorError):
    """A channel for alarms did not take a notice; it is tried again."""


class DecisionRefused(OperatorError):
    """What a person decided breaks a rule of the form, or names something that is not there. Text: what, and what is possible."""


class TransientError(MailboxIngestError):
    """Nobody must act; the next run repairs it."""


class StoreBusy(TransientError):
    """Somebody else holds the lock that this transaction needed."""


class MailboxUnreachable(TransientError):
    """The IMAP server did not answer in time or hung up."""


class MailboxOverQuota(MailboxUnreachable):
    """The IMAP server suspends the account for a time, because too much was downloaded or too many connections are open."""


class DownloadBudgetSpent(TransientError):
    """The mailbox's budget for 24 hours of download is spent; the rest comes when the window has moved on. Nothing is lost."""


class SubmissionDeferred(TransientError):
    """The SMTP server asked to try later, or could not be reached."""


class SubmissionPartly(SubmissionDeferred):
    """The server asked to try later for some of a mail's recipients; nothing went out. It would take the mail for the `taken` ones now."""

    def __init__(self, text: str, taken: tuple[str, ...]) -> None:
        super().__init__(text)
        self.taken = taken


class SubmissionPaused(SubmissionDeferred):
    """The provider lets us send no more today, whatever the mail."""


class TokenUnavailable(MailboxUnreachable, SubmissionDeferred):
    """The OAuth token server did not answer, or answered with a fault of its own."""


class SubmissionUncertain(TransientError):
    """The connection broke after DATA: the server may have taken the mail. Never re-send without looking."""


class SenderError(MailboxIngestError):
    """The sender of the mail must act."""


class DocumentError(SenderError):
    """A document cannot be read. `code` is 'encrypted', 'unreadable', 'too_large' or 'unsupported'."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail

    def __reduce__(self) -> tuple[type[DocumentError], tuple[str, str]]:
        # Exceptions cross process borders; the default reduction would lose `code`.
        return (DocumentError, (self.code, self.detail))


class ConflictError(MailboxIngestError):
    """A unique key already holds this."""


class Overtaken(ConflictError):
    """What a person decided on is no longer what was shown. `who`, `at` and `action` are of the act that changed it; None where it was no
    person's: the mail was read again, or another report took the place."""

    def __init__(self, text: str, *, who: str | None = None, at: datetime | None = None, action: str | None = None) -> None:
        super().__init__(text)
        self.who = who
        self.at = at
        self.action = action
