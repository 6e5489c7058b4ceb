"""Tài khoản: who one is here, and another password for oneself. What others may do is for the command line."""

from __future__ import annotations

import logging

from mailbox_ingest.access import LEAST_LETTERS, MOST_LETTERS, LoginRefused
from mailbox_ingest.console.answers import Answer, Go, Page
from mailbox_ingest.console.visit import Visit

LOG = logging.getLogger(__name__)


def show(visit: Visit) -> Answer:
    return _page(visit)


def change_password(visit: Visit) -> Answer:
    """Old and new are taken as typed, with their spaces. Whoever sits down at an open desk must still know the old one."""
    old, new, again = (visit.form.get(name, "") for name in ("mat-khau-cu", "mat-khau-moi", "mat-khau-lai"))
    if new != again:
        return _page(visit, problem="Hai lần nhập mật khẩu mới không giống nhau. Xin nhập lại.")
    if not LEAST_LETTERS <= len(new) <= MOST_LETTERS:
        return _page(visit, problem=f"Mật khẩu mới cần từ {LEAST_LETTERS} đến {MOST_LETTERS} ký tự.")
    if new == old:
        return _page(visit, problem="Mật khẩu mới giống mật khẩu đang dùng. Xin chọn mật khẩu khác.")
    try:
        opened = visit.doorkeeper.change_password(visit.visitor.name, old, new, address=visit.address)
    except LoginRefused as refused:
        LOG.warning("login_refused", extra={"address": visit.address, "too_often": refused.too_often})
        if refused.too_often:
            return _page(visit, problem="Nhập sai mật khẩu quá nhiều lần. Xin đợi 15 phút rồi thử lại.", status=429)
        return _page(visit, problem="Mật khẩu đang dùng không đúng. Xin nhập lại.")
    return Go(to="/tai-khoan", note="password_changed", token=opened.token)


def _page(visit: Visit, *, problem: str = "", status: int | None = None) -> Answer:
    values = {"problem": problem, "least": LEAST_LETTERS, "most": MOST_LETTERS}
    return Page(template="account.html", values=values, status=status or (422 if problem else 200))
