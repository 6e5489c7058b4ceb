"""The one way in: session, role and CSRF token are checked here, then the view runs in a thread and its answer becomes HTTP.

Every page is `page(...)`, everything that changes something is `act(...)`; only the login itself stands outside.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from mailbox_ingest.access import Doorkeeper, Visitor
from mailbox_ingest.app import App
from mailbox_ingest.console.answers import Answer, Download, Framed, Go, Missing, Page, Picture
from mailbox_ingest.console.headers import FRAMED_POLICY
from mailbox_ingest.console.refusals import told
from mailbox_ingest.console.registry import Registry
from mailbox_ingest.console.visit import NotThere, Visit
from mailbox_ingest.console.words import NOTES
from mailbox_ingest.errors import MailboxIngestError, TransientError
from mailbox_ingest.model import Role
from mailbox_ingest.render.pages import Pages
from mailbox_ingest.store.ledger.lookup import count_waiting

LOG = logging.getLogger(__name__)

View = Callable[[Visit], Answer]
Endpoint = Callable[[Request], Awaitable[Response]]
LOGIN = "/dang-nhap"
_MOST_BYTES = 64 * 1024
_MOST_FIELDS = 200
_LONGEST_ADDRESS = 64


class Refused(Exception):
    """A request that is not worth a page of its own."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    app: App
    registry: Registry
    doorkeeper: Doorkeeper
    pages: Pages
    https: bool
    reachable: frozenset[str]  # pages that the navigation leads to

    @property
    def cookie(self) -> str:
        """Browsers take a __Host- cookie only over TLS, for this host alone."""
        return "__Host-desk" if self.https else "desk"

    def page(self, view: View, *, role: Role = Role.VIEW) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            return await run_in_threadpool(self._serve, view, role, request, {})

        return endpoint

    def act(self, view: View, *, role: Role = Role.DECIDE) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            try:
                form = await read_form(request)
            except Refused as refused:
                return self.refusal(refused.status, refused.text, None)
            return await run_in_threadpool(self._serve, view, role, request, form)

        return endpoint

    def hand_out(self, response: Response, cookie: str, value: str) -> None:
        """A cookie out of reach of scripts and of other sites."""
        response.set_cookie(cookie, value, path="/", httponly=True, samesite="lax", secure=self.https)

    def visitor(self, request: Request) -> Visitor | None:
        return self.doorkeeper.who_is(request.cookies.get(self.cookie))

    def refusal(self, status: int, text: str, visitor: Visitor | None) -> Response:
        return self._html(Page(template="refusal.html", values={"title": text, "status": status}, status=status), visitor, note="", here="")

    def _serve(self, view: View, role: Role, request: Request, form: Mapping[str, str]) -> Response:
        visitor = self.visitor(request)
        changing = request.method not in ("GET", "HEAD")
        if visitor is None:
            if changing:
                return self.refusal(403, "Phiên làm việc đã hết: hãy đăng nhập lại.", None)
            back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"{LOGIN}?tiep={quote(back, safe='')}", status_code=303)
        if changing and not hmac.compare_digest(form.get("csrf", "").encode(), visitor.csrf.encode()):
            return self.refusal(403, "Biểu mẫu đã cũ: hãy tải lại trang rồi làm lại.", visitor)
        if not visitor.role.covers(role):
            return self.refusal(403, "Tài khoản của bạn không có quyền làm việc này.", visitor)
        query = dict(request.query_params)
        visit = Visit(
            app=self.app,
            registry=self.registry,
            doorkeeper=self.doorkeeper,
            visitor=visitor,
            address=address_of(request),
            path=request.path_params,
            query=query,
            form=form,
        )
        try:
            answer = view(visit)
        except NotThere:
            answer = Missing()
        except TransientError as error:
            LOG.warning("console_busy", extra={"reason": str(error)})
            return self.refusal(503, "Cơ sở dữ liệu đang bận: xin thử lại sau ít giây.", visitor)
        except MailboxIngestError as error:
            LOG.error("console_failed", extra={"reason": str(error)})
            return self.refusal(500, told(error, visit), visitor)
        return self.response(answer, visitor, request)

    def response(self, answer: Answer, visitor: Visitor | None, request: Request) -> Response:
        match answer:
            case Page():
                return self._html(answer, visitor, note=NOTES.get(request.query_params.get("da", ""), ""), here=request.url.path)
            case Go():
                mark = "&" if "?" in answer.to else "?"
                redirect = RedirectResponse(f"{answer.to}{mark}da={answer.note}" if answer.note else answer.to, status_code=303)
                if answer.token is not None:
                    self.hand_out(redirect, self.cookie, answer.token)
                return redirect
            case Download():
                headers = {"content-disposition": answer.disposition}
                return Response(answer.data, media_type="application/octet-stream", headers=headers)
            case Picture():
                return Response(answer.data, media_type=answer.content_type, headers={"cache-control": "private, max-age=600"})
            case Framed():
                headers = {"content-security-policy": FRAMED_POLICY, "x-frame-options": "SAMEORIGIN"}
                return HTMLResponse(answer.html, headers=headers)
            case Missing():
                return self.refusal(404, "Không có trang này.", visitor)

    def _html(self, page: Page, visitor: Visitor | None, *, note: str, here: str) -> Response:
        values: dict[str, Any] = {"visitor": visitor, "note": note, "here": here, "organisation": self.app.config.organisation.short_name}
        values |= {"reachable": self.reachable, "waiting": 0 if visitor is None else self._waiting()}
        return HTMLResponse(self.pages.render(page.template, values | dict(page.values)), status_code=page.status)

    def _waiting(self) -> int:
        with self.app.snapshots.begin() as session:
            return count_waiting(session)


def address_of(request: Request) -> str:
    """The browser's; behind a proxy that is trusted, as the proxy gives it."""
    return request.client.host[:_LONGEST_ADDRESS] if request.client else ""


async def read_form(request: Request) -> dict[str, str]:
    """A small urlencoded form. Raises Refused for anything else: files cannot be sent here at all."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise Refused(415, "Không nhận kiểu dữ liệu này.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise Refused(413, "Dữ liệu gửi lên quá lớn.")
    try:
        form = dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=_MOST_FIELDS))
    except ValueError as error:
        raise Refused(400, "Dữ liệu gửi lên không đúng dạng.") from error
    if any("\0" in text for pair in form.items() for text in pair):
        raise Refused(400, "Dữ liệu gửi lên không đúng dạng.")
    return form
