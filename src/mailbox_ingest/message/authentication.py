"""What the mailbox's own provider says about the From address (RFC 8601), aligned as DMARC does (RFC 7489). Believes nobody else."""

from __future__ import annotations

from authres import AuthenticationResultsHeader, AuthResError  # type: ignore[import-untyped]  # ships no types

from mailbox_ingest.message.headers import AnyMessage, mailboxes, raw_fields
from mailbox_ingest.model import AuthResult, SenderAuthentication

# Second-level names under which others register (com.vn, gov.vn): without them the organisation is the last two labels.
_REGISTRIES = frozenset({"ac", "biz", "co", "com", "edu", "gov", "health", "info", "int", "name", "net", "org", "pro", "id", "io", "ai"})
_MAX_FIELD_CHARACTERS = 8_000


def authenticate(message: AnyMessage, authserv_id: str) -> SenderAuthentication:
    """PASS, FAIL, UNPROVEN or NONE for the From address.

    Only the topmost Authentication-Results counts, and only when `authserv_id` wrote it: those below came with the mail and may be forged.
    NONE means that there are no results at all; UNPROVEN that there are, and nothing in them that can be believed speaks for the From
    address: no aligned pass, another server's word, or a field that cannot be read (a sender may have seen to that).
    """
    froms = list(raw_fields(message, "from"))
    senders = {mailbox.email for mailbox in mailboxes(froms)}
    if len(froms) > 1 or len(senders) > 1:
        return SenderAuthentication(result=AuthResult.FAIL, detail="more than one From address")
    if not senders:
        return SenderAuthentication(result=AuthResult.NONE, detail="no From address")
    domain = senders.pop().rsplit("@", 1)[1].rstrip(".")

    top = next(raw_fields(message, "authentication-results"), None)
    if top is None:
        return SenderAuthentication(result=AuthResult.NONE, detail="no Authentication-Results")
    try:
        header = AuthenticationResultsHeader.parse(f"Authentication-Results: {top[:_MAX_FIELD_CHARACTERS]}")
    except (AuthResError, ValueError, IndexError, AttributeError, TypeError, RecursionError) as error:
        return SenderAuthentication(result=AuthResult.UNPROVEN, detail=f"unreadable Authentication-Results: {type(error).__name__}")
    if (header.authserv_id or "").lower() != authserv_id.lower():
        return SenderAuthentication(
            result=AuthResult.UNPROVEN, detail=f"Authentication-Results of {header.authserv_id}, not of {authserv_id}"
        )
    found = [(str(item.method).lower(), str(item.result).lower(), _property_domains(item)) for item in header.results]
    return _judged(found, domain)


def organisation(domain: str) -> str:
    """The registered domain, as far as that can be told without a list: 'mail.ldld.quangtri.gov.vn' -> 'quangtri.gov.vn'."""
    labels = domain.lower().strip(".").split(".")
    keep = 3 if len(labels) >= 3 and len(labels[-1]) == 2 and labels[-2] in _REGISTRIES else 2
    return ".".join(labels[-keep:])


def _judged(found: list[tuple[str, str, dict[str, str]]], domain: str) -> SenderAuthentication:
    for method, result, properties in found:
        if method != "dmarc" or result not in ("pass", "fail"):
            continue
        claimed = properties.get("header.from", domain)
        if result == "pass" and claimed == domain:
            return SenderAuthentication(result=AuthResult.PASS, detail=f"dmarc=pass header.from={domain}")
        reason = "dmarc=fail" if result == "fail" else f"dmarc=pass for {claimed}, not for {domain}"
        return SenderAuthentication(result=AuthResult.FAIL, detail=reason)
    failed = ""
    for method, result, properties in found:
        identity = _identity(method, properties)
        if identity is None or organisation(identity) != organisation(domain):
            continue
        if result == "pass":
            return SenderAuthentication(result=AuthResult.PASS, detail=f"{method}=pass {identity}, aligned")
        if result in ("fail", "hardfail"):
            failed = failed or f"{method}={result} {identity}"
    if failed:
        return SenderAuthentication(result=AuthResult.FAIL, detail=failed)
    said = " ".join(f"{method}={result}" for method, result, _ in found) or "none"
    return SenderAuthentication(result=AuthResult.UNPROVEN, detail=f"nothing aligned with {domain}: {said}")


def _identity(method: str, properties: dict[str, str]) -> str | None:
    if method == "dkim":
        return properties.get("header.d") or properties.get("header.i")
    if method == "spf":
        return properties.get("smtp.mailfrom")
    return None


def _property_domains(item: object) -> dict[str, str]:
    """'smtp.mailfrom' -> domain part, lower case."""
    out: dict[str, str] = {}
    for prop in getattr(item, "properties", None) or ():
        value = str(prop.value).strip().strip("\"'<>").lower()
        out[f"{prop.type}.{prop.name}".lower()] = value.rsplit("@", 1)[-1].rstrip(".")
    return out
