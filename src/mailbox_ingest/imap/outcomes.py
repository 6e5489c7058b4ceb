"""Shows outcomes in the mailbox: as labels at Gmail, as keywords elsewhere. Cosmetic: it can be done again, and nothing depends on it.

Of the marks of a group a mail gets one and loses the others; marks that people set stay.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from imapclient import IMAPClient  # type: ignore[import-untyped]  # ships no types

from mailbox_ingest.config import ImapConfig
from mailbox_ingest.imap.session import Tokens, folder_named, session
from mailbox_ingest.model import Outcome
from mailbox_ingest.store.ledger.records import FilingOrder

_AT_ONCE = 200  # UIDs a command


class ImapShelf:
    """One mailbox to file in. `labels` and `keywords`: what an outcome is called at Gmail, and on other servers.

    `unable` once a server turned out to have no labels: nothing is asked of it again.
    """

    def __init__(
        self, config: ImapConfig, *, labels: Mapping[Outcome, str], keywords: Mapping[Outcome, str], tokens: Tokens | None = None
    ) -> None:
        self.config = config
        self.unable = False
        self._labels = labels
        self._keywords = keywords
        self._tokens = tokens

    def file(self, orders: Sequence[FilingOrder]) -> tuple[FilingOrder, ...]:
        """Files what is still there; gives those done with, the ones that are gone for good included. None of them where `unable`.

        Raises MailboxRefused or MailboxUnreachable; what was filed until then is filed, and may be filed again.
        """
        with session(self.config, self._tokens) as client:
            if client.has_capability("X-GM-EXT-1"):
                self._create_labels(client)
                return self._file(client, orders, gmail=True)
            if self.config.filing == "keywords":
                return self._file(client, orders, gmail=False)
        self.unable = True
        return ()

    def _file(self, client: IMAPClient, orders: Sequence[FilingOrder], *, gmail: bool) -> tuple[FilingOrder, ...]:
        places: dict[tuple[str, int], list[FilingOrder]] = {}
        for order in orders:
            places.setdefault((order.folder, order.uidvalidity), []).append(order)
        missing: list[FilingOrder] = []
        folders = {name for _, _, name in client.list_folders()}
        for (folder, uidvalidity), here in places.items():
            if folder not in folders or int(client.select_folder(folder)[b"UIDVALIDITY"]) != uidvalidity:
                missing += here
                continue
            by_uid = {order.uid: order for order in here}
            there = _still_there(client, sorted(by_uid))
            self._mark(client, {uid: by_uid[uid] for uid in there}, gmail=gmail)
            missing += [order for uid, order in by_uid.items() if uid not in there]
        if gmail and any(order.gm_msgid is not None for order in missing):
            self._file_elsewhere(client, missing)
        return tuple(orders)

    def _file_elsewhere(self, client: IMAPClient, orders: Sequence[FilingOrder]) -> None:
        """Mails that were moved, found by Gmail's own id where it keeps everything but junk and trash."""
        everything = folder_named(client, "\\All")
        if everything is None:
            return
        client.select_folder(everything)
        for order in orders:
            if order.gm_msgid is not None:
                self._mark(client, dict.fromkeys(client.search(["X-GM-MSGID", str(order.gm_msgid)]), order), gmail=True)

    def _mark(self, client: IMAPClient, orders: dict[int, FilingOrder], *, gmail: bool) -> None:
        names = self._labels if gmail else self._keywords
        for mark in {names[order.outcome] for order in orders.values()}:
            uids = sorted(uid for uid, order in orders.items() if names[order.outcome] == mark)
            others = sorted(set(names.values()) - {mark})
            for start in range(0, len(uids), _AT_ONCE):
                part = uids[start : start + _AT_ONCE]
                if gmail:
                    client.add_gmail_labels(part, [mark], silent=True)
                    client.remove_gmail_labels(part, others, silent=True)
                else:
                    client.add_flags(part, [mark], silent=True)
                    client.remove_flags(part, others, silent=True)

    def _create_labels(self, client: IMAPClient) -> None:
        there = {name for _, _, name in client.list_folders()}
        for name in sorted(set(self._labels.values())):
            parts = name.split("/")
            for depth in range(1, len(parts) + 1):
                label = "/".join(parts[:depth])
                if label not in there:
                    client.create_folder(label)
                    there.add(label)


def _still_there(client: IMAPClient, uids: list[int]) -> Collection[int]:
    found: set[int] = set()
    for start in range(0, len(uids), _AT_ONCE):
        found |= set(client.search(["UID", ",".join(map(str, uids[start : start + _AT_ONCE]))]))
    return found
