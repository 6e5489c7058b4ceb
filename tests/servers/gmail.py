"""A Gmail-like IMAP server for tests: X-GM-EXT-1, XOAUTH2 and app passwords, localised special folders, labels, IDLE, its daily limit.

Labels are folders and folders are labels; every mail has one id wherever it lies; UIDs are the folder's own.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from imapclient.imap_utf7 import decode as from_utf7
from imapclient.imap_utf7 import encode as to_utf7

PASSWORD = "mat-khau-ung-dung"
ALL, SENT, JUNK, TRASH = "[Gmail]/Tất cả thư", "[Gmail]/Thư đã gửi", "[Gmail]/Thư rác", "[Gmail]/Thùng rác"
_SPECIAL = {"INBOX": rb"\Inbox", ALL: rb"\All", SENT: rb"\Sent", JUNK: rb"\Junk", TRASH: rb"\Trash"}
_CAPABILITIES = b"IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 UIDPLUS SPECIAL-USE ENABLE MOVE SASL-IR AUTH=XOAUTH2"


@dataclass(slots=True, eq=False)
class Mail:
    raw: bytes
    time: datetime
    msgid: int
    thrid: int
    flags: set[bytes] = field(default_factory=set)


@dataclass(slots=True)
class Folder:
    uidvalidity: int
    next_uid: int = 1
    mails: dict[int, Mail] = field(default_factory=dict)

    def add(self, mail: Mail) -> int:
        uid, self.next_uid = self.next_uid, self.next_uid + 1
        self.mails[uid] = mail
        return uid


class Gmail:
    """One account. `accepts` says which access tokens are good now; a test changes the mailbox while clients are connected."""

    def __init__(self, *, accepts: Callable[[str], bool] = lambda token: False) -> None:
        self.accepts = accepts
        self.port = 0
        self.user = "baocao@gmail.example"
        self.folders: dict[str, Folder] = {name: Folder(uidvalidity=number) for number, name in enumerate(_SPECIAL, 11)}
        self.lock = threading.RLock()
        self.over_quota = False
        self.unreadable: set[int] = set()  # ids of mails whose body the server refuses
        self.headless: set[int] = set()  # and of these not even the headers
        self.left_out: set[int] = set()  # ids of mails that the next FETCH leaves out, as Gmail does while it indexes
        self.commands: list[str] = []
        self.client_ids: list[bytes] = []
        self.bodies_given = 0
        self.logins = 0
        self._ids = count(1_500_000_000_000_000_001)

    def deliver(self, raw: bytes, folder: str = "INBOX", time: datetime | None = None) -> Mail:
        with self.lock:
            number = next(self._ids)
            mail = Mail(raw, time or datetime.now(UTC), number, number)
            self.folders[folder].add(mail)
            if folder not in (JUNK, TRASH, ALL):
                self.folders[ALL].add(mail)
            return mail

    def move(self, mail: Mail, source: str, target: str) -> None:
        with self.lock:
            self.remove(mail, source)
            self.folders[target].add(mail)
            if source in (JUNK, TRASH) and mail not in self.folders[ALL].mails.values():
                self.folders[ALL].add(mail)

    def remove(self, mail: Mail, folder: str) -> None:
        with self.lock:
            box = self.folders[folder]
            box.mails = {uid: other for uid, other in box.mails.items() if other is not mail}

    def change_uidvalidity(self, folder: str) -> None:
        """The same mails, listed anew from UID 1 on."""
        with self.lock:
            mails = list(self.folders[folder].mails.values())
            self.folders[folder] = Folder(uidvalidity=self.folders[folder].uidvalidity + 100)
            for mail in mails:
                self.folders[folder].add(mail)

    def labels(self, mail: Mail) -> set[str]:
        """What a person sees beside the mail, without the system's own."""
        with self.lock:
            return {name for name, folder in self.folders.items() if name not in _SPECIAL and mail in folder.mails.values()}


@contextmanager
def running(gmail: Gmail, context: ssl.SSLContext | None = None) -> Iterator[Gmail]:
    """Serves on a free loopback port, over TLS where there is a context, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    gmail.port = listener.getsockname()[1]
    lines: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            lines.append(line)
            threading.Thread(target=_talk, args=(gmail, line, context), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield gmail
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
        for line in lines:
            line.close()


def _talk(gmail: Gmail, line: socket.socket, context: ssl.SSLContext | None) -> None:
    try:
        line.settimeout(120)
        with context.wrap_socket(line, server_side=True) if context else line as wrapped:
            _Session(gmail, wrapped).run()
    except (OSError, EOFError):
        pass


class _Session:
    def __init__(self, gmail: Gmail, line: socket.socket) -> None:
        self.gmail = gmail
        self.line = line
        self.file = line.makefile("rb")
        self.selected: str | None = None
        self.told = 0  # how many mails the client believes to be there: what comes between two IDLEs is told with the next
        self.writable = False

    def say(self, *parts: bytes) -> None:
        self.line.sendall(b"".join(parts) + b"\r\n")

    def run(self) -> None:
        self.say(b"* OK Gimap ready for requests")
        while True:
            tag, words = self._command()
            name = words[0].upper().decode()
            if name == "UID":
                name = "UID " + words.pop(1).upper().decode()
            self.gmail.commands.append(" ".join([name, *(str(word) for word in words[1:])]))
            if name == "LOGOUT":
                self.say(b"* BYE LOGOUT Requested")
                self.say(tag, b" OK 73 good day (Success)")
                return
            handler = getattr(self, "do_" + name.replace(" ", "_").lower(), None)
            if handler is None:
                self.say(tag, b" BAD Unknown command")
                continue
            with self.gmail.lock:
                answer = handler(*words[1:])
            if name == "IDLE":
                answer = self._idle()
            self.say(tag, b" ", answer or b"OK Success")

    # ------------------------------------------------------------ what anybody may say

    def do_capability(self) -> None:
        self.say(b"* CAPABILITY ", _CAPABILITIES)

    def do_noop(self) -> None:
        pass

    def do_id(self, facts: Any) -> None:
        self.gmail.client_ids.append(b" ".join(facts) if isinstance(facts, list) else facts)
        self.say(b'* ID ("name" "GImap" "vendor" "Google, Inc.")')

    def do_login(self, user: bytes, password: bytes) -> bytes:
        if self.gmail.over_quota:
            return b"NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)"
        if (user.decode(), password.decode()) != (self.gmail.user, PASSWORD):
            return b"NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)"
        return self._in()

    def do_authenticate(self, mechanism: bytes, given: bytes | None = None) -> bytes:
        if mechanism.upper() != b"XOAUTH2":
            return b"NO Unsupported mechanism"
        if given is None:
            self.say(b"+ ")
            given = self.file.readline().strip()
        try:
            said = base64.b64decode(given, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return b"BAD Invalid SASL argument"
        found = re.fullmatch("user=([^\x01]+)\x01auth=Bearer ([^\x01]+)\x01\x01", said)
        if self.gmail.over_quota:
            return b"NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)"
        if found is None or found[1] != self.gmail.user or not self.gmail.accepts(found[2]):
            self.say(b"+ ", base64.b64encode(json.dumps({"status": "400", "schemes": "Bearer"}).encode()))
            assert self.file.readline() == b"\r\n", "an empty answer is expected to the explanation"
            return b"NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)"
        return self._in()

    def _in(self) -> bytes:
        self.gmail.logins += 1
        self.say(b"* CAPABILITY ", _CAPABILITIES)
        return b"OK authenticated (Success)"

    # ------------------------------------------------------------ folders

    def do_namespace(self) -> None:
        self.say(b'* NAMESPACE (("" "/")) NIL NIL')

    def do_list(self, _root: bytes, pattern: bytes) -> None:
        for name in self.gmail.folders:
            if pattern in (b"*", b"%", to_utf7(name)):
                self.say(b"* LIST (\\HasNoChildren ", _SPECIAL.get(name, b""), b') "/" "', to_utf7(name), b'"')

    def do_create(self, name: bytes) -> bytes | None:
        folder = from_utf7(name)
        if folder in self.gmail.folders:
            return b"NO [ALREADYEXISTS] Duplicate folder name (Failure)"
        self.gmail.folders[folder] = Folder(uidvalidity=len(self.gmail.folders) + 11)
        return None

    def do_select(self, name: bytes) -> bytes:
        return self._select(name, writable=True)

    def do_examine(self, name: bytes) -> bytes:
        return self._select(name, writable=False)

    def _select(self, name: bytes, *, writable: bool) -> bytes:
        folder = self.gmail.folders.get(from_utf7(name))
        if folder is None:
            return b"NO [NONEXISTENT] Unknown Mailbox (Failure)"
        self.selected, self.writable = from_utf7(name), writable
        self.say(b"* FLAGS (\\Answered \\Flagged \\Draft \\Deleted \\Seen)")
        self.say(f"* OK [UIDVALIDITY {folder.uidvalidity}] UIDs valid.".encode())
        self.told = len(folder.mails)
        self.say(f"* {self.told} EXISTS".encode())
        self.say(b"* 0 RECENT")
        return b"OK [READ-WRITE] selected." if writable else b"OK [READ-ONLY] selected."

    def _box(self) -> Folder:
        assert self.selected is not None
        return self.gmail.folders[self.selected]

    def do_append(self, name: bytes, *rest: Any) -> None:
        self.gmail.deliver(rest[-1], from_utf7(name))

    # ------------------------------------------------------------ mails

    def do_uid_search(self, *words: bytes) -> None:
        found = set(self._box().mails)
        rest = iter(words)
        for word in rest:
            key = word.upper()
            if key == b"UID":
                found &= set(self._uids(next(rest)))
            elif key == b"X-GM-MSGID":
                wanted = int(next(rest))
                found &= {uid for uid, mail in self._box().mails.items() if mail.msgid == wanted}
            elif key == b"HEADER":
                name, value = next(rest), next(rest)
                line = re.compile(rb"(?im)^" + re.escape(name) + rb":.*" + re.escape(value))
                found &= {uid for uid, mail in self._box().mails.items() if line.search(mail.raw.partition(b"\r\n\r\n")[0])}
            elif key != b"ALL":
                raise EOFError(f"SEARCH {word!r} is not known here")
        self.say(b"* SEARCH", *(f" {uid}".encode() for uid in sorted(found)))

    def do_uid_fetch(self, which: bytes, items: Any) -> bytes | None:
        wanted = [item.upper() for item in (items if isinstance(items, list) else [items])]
        box = self._box()
        uids = [uid for uid in self._uids(which) if box.mails[uid].msgid not in self.gmail.left_out]
        self.gmail.left_out.clear()
        if b"BODY.PEEK[]" in wanted and any(box.mails[uid].msgid in self.gmail.unreadable for uid in uids):
            return b"NO Some messages could not be fetched (Failure)"
        if b"BODY.PEEK[HEADER]" in wanted and any(box.mails[uid].msgid in self.gmail.headless for uid in uids):
            return b"NO Some messages could not be fetched (Failure)"
        numbers = {uid: number for number, uid in enumerate(sorted(box.mails), 1)}
        for uid in uids:
            mail = box.mails[uid]
            parts = [f"UID {uid}".encode()]
            for item in wanted:
                if item == b"BODY.PEEK[]":
                    self.gmail.bodies_given += 1
                    parts.append(b"BODY[] {%d}\r\n%s" % (len(mail.raw), mail.raw))
                elif item == b"BODY.PEEK[HEADER]":
                    head = mail.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
                    parts.append(b"BODY[HEADER] {%d}\r\n%s" % (len(head), head))
                else:
                    parts.append(item + b" " + self._fact(item, mail))
            self.say(b"* %d FETCH (" % numbers[uid], b" ".join(parts), b")")
        return None

    def _fact(self, item: bytes, mail: Mail) -> bytes:
        labels = [b'"' + to_utf7(name) + b'"' for name in sorted(self.gmail.labels(mail))]
        facts = {
            b"RFC822.SIZE": str(len(mail.raw)).encode(),
            b"INTERNALDATE": mail.time.strftime('"%d-%b-%Y %H:%M:%S +0000"').encode(),
            b"FLAGS": b"(" + b" ".join(sorted(mail.flags)) + b")",
            b"X-GM-MSGID": str(mail.msgid).encode(),
            b"X-GM-THRID": str(mail.thrid).encode(),
            b"X-GM-LABELS": b"(" + b" ".join(labels) + b")",
        }
        return facts[item]

    def do_uid_store(self, which: bytes, item: bytes, values: Any) -> bytes | None:
        if not self.writable:
            return b"NO [READ-ONLY] Folder is read-only. (Failure)"
        sign, name = item[:1], item[1:].upper().removesuffix(b".SILENT")
        mails = [self._box().mails[uid] for uid in self._uids(which)]
        if name != b"X-GM-LABELS":
            return b"BAD Could not parse command"
        for label in (from_utf7(value) for value in (values if isinstance(values, list) else [values])):
            folder = self.gmail.folders.get(label)
            if folder is None:
                return b"NO [TRYCREATE] No such label (Failure)"
            for mail in mails:
                if sign == b"+" and mail not in folder.mails.values():
                    folder.add(mail)
                elif sign == b"-":
                    self.gmail.remove(mail, label)
        return None

    def _uids(self, which: bytes) -> list[int]:
        known = sorted(self._box().mails)
        found: set[int] = set()
        for part in which.split(b","):
            first, _, last = part.partition(b":")
            ends = [known[-1] if end == b"*" and known else 0 if end == b"*" else int(end) for end in (first, last or first)]
            found |= {uid for uid in known if min(ends) <= uid <= max(ends)}
        return sorted(found)

    def do_idle(self) -> None:
        self.say(b"+ idling")

    def _idle(self) -> bytes:
        while not select.select([self.line], [], [], 0.02)[0]:
            if len(self._box().mails) != self.told:
                self.told = len(self._box().mails)
                self.say(f"* {self.told} EXISTS".encode())
        if self.file.readline().strip().upper() != b"DONE":
            raise EOFError
        return b"OK IDLE terminated (Success)"

    # ------------------------------------------------------------ lines

    def _command(self) -> tuple[bytes, list[Any]]:
        """Tag and words of the next command, with its literals; lists in brackets are lists."""
        text = b""
        literals: list[bytes] = []
        while True:
            line = self.file.readline()
            if not line.endswith(b"\r\n"):
                raise EOFError
            text += line[:-2]
            found = re.search(rb"\{(\d+)\}$", text)
            if found is None:
                break
            self.say(b"+ go ahead")
            literals.append(self.file.read(int(found[1])))
            text = text[: found.start()] + b"\0"
        tag, _, rest = text.partition(b" ")
        words, _ = _words(re.findall(rb'"(?:[^"\\]|\\.)*"|[^\s()"]+\[[^\]]*\]|[^\s()"]+|[()]', rest), literals)
        return tag, words


def _words(tokens: list[bytes], literals: list[bytes]) -> tuple[list[Any], list[bytes]]:
    words: list[Any] = []
    while tokens:
        token, tokens = tokens[0], tokens[1:]
        if token == b"(":
            inner, tokens = _words(tokens, literals)
            words.append(inner)
        elif token == b")":
            return words, tokens
        elif token == b"\0":
            words.append(literals.pop(0))
        elif token.startswith(b'"'):
            words.append(re.sub(rb"\\(.)", rb"\1", token[1:-1]))
        else:
            words.append(token)
    return words, tokens
