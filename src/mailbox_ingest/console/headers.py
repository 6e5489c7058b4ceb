"""What every answer carries, and which requests get none: unknown hosts, foreign origins, bodies that are not small plain forms."""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# A letter of ours in a frame: no script, no form, no origin of its own.
FRAMED_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'self'; sandbox"
_ALWAYS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # 'no-referrer' would make browsers send 'Origin: null' with our own forms
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cache-control": "no-store",
}
_CHANGING = ("POST", "PUT", "PATCH", "DELETE")


class Shield:
    """Pure ASGI: stands before routing, so that 404 and 405 carry the headers too."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str], https: bool) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers.setdefault(name, value)
                if self._https:
                    headers.setdefault("strict-transport-security", "max-age=31536000")
            await send(message)

        refusal = self._refusal(Headers(scope=scope), scope["method"]) or _unreadable(scope)
        await (refusal or self._app)(scope, receive, with_headers)

    def _refusal(self, headers: Headers, method: str) -> PlainTextResponse | None:
        host = headers.get("host", "")
        if _name_of(host) not in self._hosts:
            return PlainTextResponse("Tên máy chủ không được phép.", status_code=400)
        if method in _CHANGING:
            scheme = "https" if self._https else "http"
            if headers.get("origin") != f"{scheme}://{host}":
                return PlainTextResponse("Yêu cầu không đến từ trang của bàn làm việc.", status_code=403)
        return None


def _unreadable(scope: Scope) -> PlainTextResponse | None:
    """PostgreSQL takes no NUL in a text; nobody types one."""
    if "\0" in scope["path"] or b"%00" in scope["query_string"]:
        return PlainTextResponse("Địa chỉ không đúng.", status_code=400)
    return None


def _name_of(host: str) -> str:
    """The Host header without its port."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdecimal() else host).lower()
