"""Quoted history in messages that were attached as files: cut off, so that last week's figures are not read as this week's.

The mail itself is taken apart with more care in the message room; here whatever follows the first sign of history goes. A message that is
nothing but a forward keeps its text.
"""

from __future__ import annotations

import re

_INTRODUCTIONS = (
    re.compile(r"^\s*-{2,}\s*(?:Original Message|Thư gốc|Tin nhắn gốc|Forwarded message|Tin nhắn đã chuyển tiếp)\s*-{2,}", re.I | re.M),
    re.compile(r"^[^\n]{0,120}(?:đã viết|wrote|viết)\s*:\s*$", re.I | re.M),
    re.compile(r"^\s*\*?(?:From|Từ)\s*:\*?[^\n]*\n(?:[^\n]*\n){0,3}?\s*\*?(?:Sent|Date|Đã gửi|Ngày|Gửi)\s*:", re.I | re.M),
)
_QUOTED_LINE = re.compile(r"^\s*>.*$\n?", re.M)
_HTML_MARKS = re.compile(
    r"<blockquote\b|class\s*=\s*[\"']?gmail_quote|id\s*=\s*[\"']?divRplyFwdMsg|id\s*=\s*[\"']?appendonsend|border-top\s*:\s*solid\s+#(?:E1E1E1|B5C4DF)",
    re.I,
)
_TAG = re.compile(r"<[^>]*>")


def own_text(text: str) -> str:
    """The text above and between quotations."""
    unquoted = _QUOTED_LINE.sub("", text)
    for introduction in _INTRODUCTIONS:
        found = introduction.search(unquoted)
        if found and unquoted[: found.start()].strip():
            unquoted = unquoted[: found.start()]
    return unquoted if unquoted.strip() else text


def own_html(html: str) -> str:
    """The HTML before the first quotation; parsers close what is left open."""
    found = _HTML_MARKS.search(html)
    if not found:
        return html
    start = html.rfind("<", 0, found.start() + 1)
    before = html[: start if start >= 0 else found.start()]
    body = before[match.end() :] if (match := re.search(r"<body[^>]*>", before, re.I)) else before
    visible = re.sub(r"<style.*?</style>", "", body, flags=re.I | re.S)
    return before if _TAG.sub("", visible).strip() else html
