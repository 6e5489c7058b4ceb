"""Showing outcomes where people look: as marks in the mailbox, after the commit. Cosmetic, replayable, never a condition for anything.

outcomes not shown yet ─▶ the mailbox ─▶ 'shown as' in the ledger        a crash in between: shown once more, which changes nothing
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.model import Outcome
from mailbox_ingest.store.ledger.filing import mark_filed, unfiled
from mailbox_ingest.store.ledger.records import FilingOrder

log = logging.getLogger(__name__)

_RECEIVED, _REVIEW, _RETURNED, _IGNORED = "Báo cáo/Đã nhận", "Báo cáo/Cần xem", "Báo cáo/Bị trả lại", "Báo cáo/Bỏ qua"
LABELS: Mapping[Outcome, str] = {
    Outcome.ACCEPTED: _RECEIVED,
    Outcome.ACCEPTED_WITH_WARNINGS: _RECEIVED,
    Outcome.DUPLICATE: _RECEIVED,
    Outcome.NEEDS_REVIEW: _REVIEW,
    Outcome.REJECTED: _RETURNED,
    Outcome.IGNORED: _IGNORED,
}
# IMAP keywords are ASCII words without spaces.
_KEYWORDS = {_RECEIVED: "BaoCao-DaNhan", _REVIEW: "BaoCao-CanXem", _RETURNED: "BaoCao-BiTraLai", _IGNORED: "BaoCao-BoQua"}
KEYWORDS: Mapping[Outcome, str] = {outcome: _KEYWORDS[label] for outcome, label in LABELS.items()}
BATCH = 200
SHOWN_FOR = timedelta(days=31)


class Shelf(Protocol):
    """A mailbox that can show outcomes."""

    @property
    def unable(self) -> bool:
        """Whether this mailbox turned out to have no way to show them."""

    def file(self, orders: Sequence[FilingOrder]) -> tuple[FilingOrder, ...]:
        """Gives those done with. Raises what a poll raises."""


def file_outcomes(
    account: str,
    shelf: Shelf,
    sessions: sessionmaker[Session],
    *,
    now: datetime,
    stopping: Callable[[], bool] = lambda: False,
    batch: int = BATCH,
) -> int:
    """Shows what is not shown yet of one mailbox; gives how many. Raises what the shelf raises, after keeping what came before.

    Mails that came more than `SHOWN_FOR` ago and were never shown stay so: after an upgrade, or when a mailbox gets labels late, nobody
    wants a year of mail touched. One that was shown follows its outcome, however old.
    """
    filed, last = 0, 0
    while not stopping() and not shelf.unable:
        with sessions() as session:
            orders = unfiled(session, account, after=last, limit=batch, recorded_after=now - SHOWN_FOR)
        if not orders:
            break
        done = shelf.file(orders)
        with sessions.begin() as session:
            mark_filed(session, done)
        filed, last = filed + len(done), orders[-1].id
    if filed:
        log.info("outcomes_filed", extra={"account": account, "messages": filed})
    return filed
