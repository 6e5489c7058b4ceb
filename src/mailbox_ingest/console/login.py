"""Logging in and out: the only pages without a session. Says the same whether the name or the password was wrong."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mailbox_ingest.access import LoginRefused
from mailbox_ingest.console.answers import Page
from mailbox_ingest.console.door import LOGIN, Door, Refused, address_of, read_form

LOG = logging.getLogger(__name__)
HOME = "/tuan"


class Login:
    """The form carries a token that matches a cookie: nobody logs a browser in from another site."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._cookie = "__Host-desk-login" if door.https else "desk-login"

    async def show(self, request: Request) -> Response:
        return self._form(request, next_page=_inside(request.query_params.get("tiep", "")))

    async def enter(self, request: Request) -> Response:
        try:
            form = await read_form(request)
        except Refused as refused:
            return self._door.refusal(refused.status, refused.text, None)
        return await run_in_threadpool(self._enter, request, form)

    async def leave(self, request: Request) -> Response:
        try:
            form = await read_form(request)
        except Refused as refused:
            return self._door.refusal(refused.status, refused.text, None)
        return await run_in_threadpool(self._leave, request, form)

    def _enter(self, request: Request, form: Mapping[str, str]) -> Response:
        next_page = _inside(form.get("tiep", ""))
        seed = request.cookies.get(self._cookie, "")
        if not seed or not hmac.compare_digest(form.get("csrf", "").encode(), _csrf(seed).encode()):
            return self._form(request, next_page=next_page, problem="Biểu mẫu đã cũ: xin nhập lại.", status=403)
        address = address_of(request)
        name = form.get("ten", "")
        try:
            opened = self._door.doorkeeper.log_in(name, form.get("mat-khau", ""), address=address)
        except LoginRefused as refused:
            LOG.warning("login_refused", extra={"address": address, "too_often": refused.too_often})
            if refused.too_often:
                said = "Đăng nhập sai quá nhiều lần. Xin đợi 15 phút rồi thử lại."
                return self._form(request, next_page=next_page, problem=said, name=name, status=429)
            return self._form(request, next_page=next_page, problem="Tên đăng nhập hoặc mật khẩu không đúng.", name=name, status=401)
        LOG.info("login", extra={"who": opened.visitor.name, "address": address})
        response = RedirectResponse(next_page or HOME, status_code=303)
        self._door.hand_out(response, self._door.cookie, opened.token)
        self._unset(response, self._cookie)
        return response

    def _leave(self, request: Request, form: Mapping[str, str]) -> Response:
        visitor = self._door.visitor(request)
        if visitor is not None:
            if not hmac.compare_digest(form.get("csrf", "").encode(), visitor.csrf.encode()):
                return self._door.refusal(403, "Biểu mẫu đã cũ: hãy tải lại trang rồi làm lại.", visitor)
            self._door.doorkeeper.log_out(request.cookies.get(self._door.cookie, ""))
        response = RedirectResponse(LOGIN, status_code=303)
        self._unset(response, self._door.cookie)
        return response

    def _form(self, request: Request, *, next_page: str, problem: str = "", name: str = "", status: int = 200) -> Response:
        seed = request.cookies.get(self._cookie) or secrets.token_urlsafe(24)
        values = {"csrf": _csrf(seed), "next_page": next_page, "problem": problem, "name": name[:100]}
        response = self._door.response(Page(template="login.html", values=values, status=status), None, request)
        self._door.hand_out(response, self._cookie, seed)
        return response

    def _unset(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=self._door.https)


def _inside(target: str) -> str:
    """A path of this site, '' for anything that could lead elsewhere."""
    inside = (
        target.startswith("/") and not target.startswith(("//", "/\\")) and target.isascii() and target.isprintable() and "\\" not in target
    )
    return target if inside and not target.startswith(LOGIN) and len(target) < 500 else ""


def _csrf(seed: str) -> str:
    return hashlib.sha256(b"login:" + seed.encode()).hexdigest()
