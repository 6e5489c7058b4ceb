"""The webhook adapter (urllib): POSTs JSON to one address. Follows no redirect and never shows the address, which carries a token."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from mailbox_ingest.config import Secret
from mailbox_ingest.errors import NoticeNotSent

_MOST_ANSWER_BYTES = 2000


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """urllib would turn a redirected POST into a GET without the notice, and carry the token elsewhere."""

    def redirect_request(self, *_request: Any, **_more: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def post_json(address: Secret, fields: Mapping[str, Any], *, timeout_seconds: float) -> None:
    """Raises NoticeNotSent unless the answer is 2xx."""
    body = json.dumps(dict(fields), ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "mailbox-ingest"}
    try:
        request = urllib.request.Request(address.reveal(), data=body, headers=headers, method="POST")
        with _OPENER.open(request, timeout=timeout_seconds) as answer:
            answer.read(_MOST_ANSWER_BYTES)
    except urllib.error.HTTPError as error:
        said = " ".join(error.read(200).decode("utf-8", "replace").split())
        error.close()
        raise NoticeNotSent(f"the webhook answered {error.code} {error.reason}: {said}") from None
    except urllib.error.URLError as error:
        raise NoticeNotSent(f"the webhook cannot be reached: {error.reason}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoticeNotSent(f"the webhook cannot be reached: {type(error).__name__}") from None
