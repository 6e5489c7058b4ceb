"""One mailbox as a source of new mails: lists, fetches each body once, logs out. Never writes.

SELECT ─▶ UIDs above the cursor ─▶ sizes (and Gmail's ids) ─▶ is the mail here already? within the budget? ─▶ bodies, chunk by chunk
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NoReturn

from imapclient import IMAPClient  # type: ignore[import-untyped]  # ships no types
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError  # type: ignore[import-untyped]

from mailbox_ingest.config import ImapConfig
from mailbox_ingest.errors import DownloadBudgetSpent
from mailbox_ingest.imap.session import Tokens, folder_named, is_passing, session
from mailbox_ingest.store.ledger.records import Arrival

log = logging.getLogger(__name__)

CHUNK_BYTES = 8_000_000
CHUNK_MESSAGES = 50
_OVERHEAD_BYTES = 400  # what an answer costs besides the body: envelope of the protocol, flags, dates
_HEADER_BYTES = 16_000  # what headers alone are taken for before they are fetched
_BODY, _HEADER = b"BODY[]", b"BODY[HEADER]"

# The highest UID already in the ledger: (folder, uidvalidity) -> uid, 0 for none.
Cursor = Callable[[str, int], int]
# Which of these Gmail ids the ledger has, whatever the place they came from.
KnownIds = Callable[[Collection[int]], Collection[int]]


class ImapSource:
    """New mails of one mailbox. `bytes_fetched` counts what was asked of the server so far, whether it came or not: so does Gmail."""

    def __init__(
        self, config: ImapConfig, *, tokens: Tokens | None = None, allowance_bytes: int | None = None, known_ids: KnownIds | None = None
    ) -> None:
        self.config = config
        self.account = config.name
        self.bytes_fetched = 0
        self._tokens = tokens
        self._allowance_bytes = allowance_bytes
        self._known_ids = known_ids

    def arrivals(self, cursor: Cursor) -> Iterator[tuple[Arrival, ...]]:
        """New mails of all configured folders in chunks, in order of UID within a folder.

        The connection is closed when the iterator ends or is closed. Raises MailboxRefused, MailboxUnreachable or DownloadBudgetSpent;
        what was yielded until then is good.
        """
        if self._allowance_bytes is not None and self._allowance_bytes <= 0:
            self._refuse("no connection is made")
        with session(self.config, self._tokens) as client:
            gmail = client.has_capability("X-GM-EXT-1")
            for name in self.config.folders:
                folder = folder_named(client, name)
                if folder is None:
                    log.warning("folder_missing", extra={"account": self.account, "folder": name})
                    continue
                uidvalidity = int(client.select_folder(folder, readonly=True)[b"UIDVALIDITY"])
                last = cursor(folder, uidvalidity)
                # 'n:*' always names at least the last mail, even below n (RFC 3501 6.4.8).
                uids = sorted(uid for uid in client.search(["UID", f"{last + 1}:*"]) if uid > last)
                for batch in _batches(uids, self.config.batch_messages):
                    yield from self._fetch(client, folder, uidvalidity, batch, gmail=gmail)

    def check(self) -> tuple[str, ...]:
        """Connects, logs in and resolves the folders; gives their names. For `doctor`. Raises like `arrivals`."""
        with session(self.config, self._tokens) as client:
            return tuple(folder for name in self.config.folders if (folder := folder_named(client, name)) is not None)

    def _fetch(self, client: IMAPClient, folder: str, uidvalidity: int, uids: list[int], *, gmail: bool) -> Iterator[tuple[Arrival, ...]]:
        listed = _given(
            client, uids, ["RFC822.SIZE", "INTERNALDATE", "FLAGS", *(["X-GM-MSGID", "X-GM-THRID"] if gmail else [])], b"RFC822.SIZE"
        )
        self._spend(_OVERHEAD_BYTES * len(uids))
        here_already = self._here_already(listed)
        sizes = {uid: int(facts.get(b"RFC822.SIZE", 0)) for uid, facts in listed.items()}
        cost = {uid: self._cost(size, here_already=uid in here_already) for uid, size in sizes.items()}
        for chunk in _chunks(sorted(listed), cost):
            within = self._within_allowance(chunk, cost)
            bodies = self._bodies(client, [uid for uid in within if uid not in here_already], sizes, cost)
            yield tuple(
                _arrival(self.account, folder, uidvalidity, uid, {**listed[uid], **bodies.get(uid, {})}, known=uid in here_already)
                for uid in within
                if uid in bodies or uid in here_already
            )
            if within != chunk:
                self._refuse(f"{len(listed)} mails of {folder} wait")

    def _bodies(
        self, client: IMAPClient, uids: list[int], sizes: Mapping[int, int], cost: Mapping[int, int]
    ) -> dict[int, Mapping[bytes, Any]]:
        """Whole mails, but only the headers of those that are too large or that the server cannot give: one bad mail stops nothing."""
        whole = [uid for uid in uids if sizes[uid] <= self.config.max_message_bytes]
        heads = [uid for uid in uids if sizes[uid] > self.config.max_message_bytes]
        self._spend(sum(cost[uid] for uid in whole))
        found, refused = _each(client, whole, "BODY.PEEK[]", _BODY) if whole else ({}, [])
        heads = sorted([*heads, *refused])
        if heads:
            self._spend(sum(cost[uid] for uid in heads if uid not in refused))
            headers, lost = _each(client, heads, "BODY.PEEK[HEADER]", _HEADER)
            found |= headers
            found |= {uid: {} for uid in lost}  # a row without bytes: a person sees it, and the mails behind it come in
        return found

    def _here_already(self, listed: Mapping[int, Mapping[bytes, Any]]) -> set[int]:
        """UIDs of mails whose Gmail id the ledger has: moved, labelled anew, or listed again because UIDVALIDITY changed."""
        if self._known_ids is None:
            return set()
        ids = {uid: number for uid, facts in listed.items() if (number := _number(facts.get(b"X-GM-MSGID"))) is not None}
        known = self._known_ids(tuple(ids.values())) if ids else ()
        return {uid for uid, number in ids.items() if number in known}

    def _cost(self, size: int, *, here_already: bool) -> int:
        if here_already:
            return 0
        return size + _OVERHEAD_BYTES if size <= self.config.max_message_bytes else _HEADER_BYTES

    def _within_allowance(self, chunk: list[int], cost: Mapping[int, int]) -> list[int]:
        """The first mails of a chunk, as far as the day's budget reaches."""
        if self._allowance_bytes is None:
            return chunk
        within, left = [], self._allowance_bytes - self.bytes_fetched
        for uid in chunk:
            left -= cost[uid]
            if left < 0:
                break
            within.append(uid)
        return within

    def _spend(self, cost: int) -> None:
        self.bytes_fetched += cost
        if self._allowance_bytes is not None and self.bytes_fetched > self._allowance_bytes:
            self._refuse("nothing more is asked of the server")

    def _refuse(self, what: str) -> NoReturn:
        raise DownloadBudgetSpent(
            f"mailbox {self.account}: its {self.config.download_budget_bytes_24h:,} bytes of download in 24 hours are spent: {what} "
            "until the window has moved on (mailboxes.download_budget_bytes_24h)"
        )


def _given(client: IMAPClient, uids: list[int], items: list[str], key: bytes) -> dict[int, Mapping[bytes, Any]]:
    """What the server says of these mails; those expunged meanwhile are left out.

    A mail that is still listed but not given (servers do that while they index) is asked for again, then left with nothing said of it.
    """
    found: dict[int, Mapping[bytes, Any]] = {}
    wanted = uids
    for _ in range(3):
        # An answer without `key` is news of somebody else's change, not the answer to this question.
        found |= {uid: facts for uid, facts in client.fetch(wanted, items).items() if facts.get(key) is not None}
        missing = [uid for uid in uids if uid not in found]
        wanted = sorted(client.search(["UID", ",".join(map(str, missing))])) if missing else []
        if not wanted:
            break
    return found | {uid: {} for uid in wanted}


def _each(client: IMAPClient, uids: list[int], item: str, key: bytes) -> tuple[dict[int, Mapping[bytes, Any]], list[int]]:
    """All at once; where the server refuses that, one by one. Gives also those that it does not give at all; not those that are gone."""
    try:
        found = _given(client, uids, [item], key)
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        if is_passing(error):
            raise
        if len(uids) == 1:
            return {}, uids
        parts = [_each(client, [uid], item, key) for uid in uids]
        return {uid: facts for one, _ in parts for uid, facts in one.items()}, [uid for _, refused in parts for uid in refused]
    return {uid: facts for uid, facts in found.items() if facts}, [uid for uid, facts in found.items() if not facts]


def _batches(uids: list[int], size: int) -> Iterator[list[int]]:
    rest = iter(uids)
    while batch := list(islice(rest, size)):
        yield batch


def _chunks(uids: list[int], cost: Mapping[int, int]) -> Iterator[list[int]]:
    """Consecutive UIDs that together stay small: what is in memory, and in one transaction, at a time."""
    chunk: list[int] = []
    total = 0
    for uid in uids:
        if chunk and (total + cost[uid] > CHUNK_BYTES or len(chunk) >= CHUNK_MESSAGES):
            yield chunk
            chunk, total = [], 0
        chunk.append(uid)
        total += cost[uid]
    if chunk:
        yield chunk


def _arrival(account: str, folder: str, uidvalidity: int, uid: int, data: Mapping[bytes, Any], *, known: bool) -> Arrival:
    raw = data.get(_BODY)
    truncated = raw is None and not known
    moment = data.get(b"INTERNALDATE")
    return Arrival(
        account=account,
        folder=folder,
        uidvalidity=uidvalidity,
        uid=uid,
        raw=bytes(data.get(_HEADER) or b"") if raw is None else bytes(raw),
        arrived_at=moment.astimezone(UTC) if isinstance(moment, datetime) and moment.tzinfo else None,
        gm_msgid=_number(data.get(b"X-GM-MSGID")),
        gm_thrid=_number(data.get(b"X-GM-THRID")),
        flags=tuple(flag.decode("ascii", "replace") for flag in data.get(b"FLAGS", ())),
        truncated=truncated,
        size_bytes=int(data.get(b"RFC822.SIZE", 0)) if truncated else None,
        known=known,
    )


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
