"""Every address of the desk on one page, each with the role it needs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from mailbox_ingest.access import Doorkeeper
from mailbox_ingest.app import App
from mailbox_ingest.app.showing import Showcase
from mailbox_ingest.config import ConsoleConfig
from mailbox_ingest.console import account, digests, health, mails, review, units, week, words
from mailbox_ingest.console.door import LOGIN, Door, Endpoint, View
from mailbox_ingest.console.headers import Shield
from mailbox_ingest.console.login import HOME, Login
from mailbox_ingest.console.registry import Registry
from mailbox_ingest.model import Role
from mailbox_ingest.render.pages import Pages

# Where `{id}` and `{number}` stand, the view looks the row up; no address ever holds a path or a file name.
PAGES: dict[str, View] = {
    "/tuan": week.show,
    "/don-vi": units.registry,
    "/don-vi/goi-y": units.suggest,
    "/don-vi/{code}": units.show,
    "/thu": mails.ledger,
    "/ban-tin": digests.overview,
    "/ban-tin/{name}/{period}": digests.show,
    "/ban-tin/{name}/{period}/xem": digests.framed,
    "/ban-tin/{name}/{period}/tep/{number}": digests.file,
    "/can-xem": review.queue,
    "/can-xem/{id}": review.show,
    "/thu/{id}": mails.show,
    "/thu/{id}/goc": mails.raw,
    "/suc-khoe": health.show,
    "/tai-khoan": account.show,
}
DOCUMENT_PAGES = (
    "/thu/{id}/tai-lieu/{number}",
    "/thu/{id}/tai-lieu/{number}/trang/{page}",
    "/thu/{id}/tep/{number}",
    "/can-xem/{id}/truoc",
)
ACTS: dict[str, tuple[View, Role]] = {
    "/can-xem/{id}": (review.decide, Role.DECIDE),
    "/can-xem/{id}/xem": (review.preview, Role.DECIDE),
    "/don-vi/{code}/mien": (units.exempt, Role.ADMIN),
    "/don-vi/{code}/dia-chi": (units.decide_address, Role.DECIDE),
    "/suc-khoe/hop-gui": (health.tend_outbox, Role.ADMIN),
    "/ban-tin/{name}/{period}/gui": (digests.send, Role.ADMIN),
    "/tai-khoan": (account.change_password, Role.VIEW),
}


def create_site(app: App, settings: ConsoleConfig, *, warm: bool = False) -> Starlette:
    """The whole site over an opened house; `warm` has the first document ready to be read as soon as it starts."""
    doorkeeper = Doorkeeper(
        sessions=app.sessions,
        snapshots=app.snapshots,
        clock=app.clock,
        idle=timedelta(minutes=settings.idle_minutes),
        longest=timedelta(hours=settings.session_hours),
    )
    door = Door(
        app=app,
        registry=Registry(app),
        doorkeeper=doorkeeper,
        pages=Pages(words.FILTERS),
        https=settings.https,
        reachable=frozenset(PAGES),
    )
    login = Login(door)
    showcase = Showcase(app.config, app.snapshots)
    documents = mails.Documents(showcase)
    shown = dict(zip(DOCUMENT_PAGES, (documents.show, documents.page, documents.file, documents.prepare), strict=True))

    @asynccontextmanager
    async def lifespan(_site: Starlette) -> AsyncIterator[None]:
        if warm:
            showcase.warm()
        yield
        await run_in_threadpool(showcase.close)

    return Starlette(
        routes=[
            Route("/", _home),
            Route(LOGIN, login.show, methods=["GET"]),
            Route(LOGIN, login.enter, methods=["POST"]),
            Route("/dang-xuat", login.leave, methods=["POST"]),
            Route("/tinh/{version}/{name}", _static(door.pages)),
            *(Route(path, door.page(view)) for path, view in (PAGES | shown).items()),
            *(Route(path, door.act(view, role=role), methods=["POST"]) for path, (view, role) in ACTS.items()),
        ],
        middleware=[Middleware(Shield, hosts=settings.hosts, https=settings.https)],
        exception_handlers={HTTPException: _refusal(door), 500: _refusal(door)},
        lifespan=lifespan,
    )


async def _home(_request: Request) -> Response:
    return RedirectResponse(HOME, status_code=303)


def _static(pages: Pages) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        file = pages.static.get(request.path_params["name"])
        if file is None:
            raise HTTPException(404)
        kept = "public, max-age=31536000, immutable" if request.path_params["version"] == file.version else "no-store"
        return Response(file.data, headers={"content-type": file.content_type, "cache-control": kept})

    return endpoint


def _refusal(door: Door) -> Callable[[Request, Exception], Response]:
    texts = {404: "Không có trang này.", 405: "Trang này không nhận yêu cầu như vậy."}

    def handler(_request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return door.refusal(status, texts.get(status, "Đã xảy ra lỗi. Người vận hành xem nhật ký để biết chi tiết."), None)

    return handler
