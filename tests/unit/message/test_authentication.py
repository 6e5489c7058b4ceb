"""Only the mailbox's own provider is believed, and only about the From address."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mailbox_ingest.message.authentication import organisation
from mailbox_ingest.model import AuthResult, IncomingMessage

Make = Callable[..., IncomingMessage]
PASS, FAIL, UNPROVEN, NONE = AuthResult.PASS, AuthResult.FAIL, AuthResult.UNPROVEN, AuthResult.NONE


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("mx.google.com; dmarc=pass (p=NONE sp=QUARANTINE dis=NONE) header.from=b.example", PASS),
        (
            "mx.google.com; spf=pass smtp.mailfrom=ke-gian@xau.example; dkim=pass header.i=@xau.example; dmarc=fail header.from=b.example",
            FAIL,
        ),
        ("mx.google.com; dmarc=pass header.from=xau.example", FAIL),
        ("mx.google.com; spf=pass (google.com: domain of lan@b.example) smtp.mailfrom=lan@b.example", PASS),
        ("mx.google.com; spf=pass smtp.mailfrom=b.example; dmarc=none header.from=b.example", PASS),
        ("mx.google.com; dkim=pass header.i=@mail.b.example header.s=1", PASS),
        ("mx.google.com; dkim=pass header.d=xau.example; spf=pass smtp.mailfrom=x@xau.example", UNPROVEN),
        ("mx.google.com; spf=softfail smtp.mailfrom=lan@b.example", UNPROVEN),
        ("mx.google.com; spf=neutral smtp.mailfrom=lan@b.example; dkim=none", UNPROVEN),
        ("mx.google.com; spf=fail smtp.mailfrom=lan@b.example", FAIL),
        ("mx.google.com; dkim=fail header.d=b.example; spf=none", FAIL),
        ("mx.google.com; dkim=fail header.d=b.example; spf=pass smtp.mailfrom=lan@b.example", PASS),
        ("mx.google.com; none", UNPROVEN),
        ("xau.example; dmarc=pass header.from=b.example", UNPROVEN),
        ("xau.example (mx.google.com; dmarc=pass header.from=b.example); spf=none", UNPROVEN),
        ("mx.google.com (; dmarc=pass header.from=b.example (x)); spf=none", UNPROVEN),
        ('mx.google.com; spf=pass smtp.mailfrom="x; dmarc=pass header.from=b.example"', UNPROVEN),
        ("((((", UNPROVEN),
        ("", UNPROVEN),
    ],
)
def test_results_count_only_when_they_speak_for_the_from_address(mail: Make, said: str, expected: AuthResult) -> None:
    assert mail("", f"Authentication-Results: {said}").authentication.result is expected


def test_a_forged_result_below_is_not_believed(mail: Make) -> None:
    forged = "Authentication-Results: mx.google.com; dmarc=pass header.from=b.example"
    assert mail("", "Authentication-Results: mx.google.com; dmarc=fail header.from=b.example", forged).authentication.result is FAIL
    assert mail("", "Authentication-Results: relay.example; none", forged).authentication.result is UNPROVEN


def test_the_provider_is_configuration(mail: Make) -> None:
    said = "Authentication-Results: mail.quangtri.example; dmarc=pass header.from=b.example"
    assert mail("", said, authserv_id="mail.quangtri.example").authentication.result is PASS


def test_two_from_addresses_are_a_trick(mail: Make) -> None:
    passed = "Authentication-Results: mx.google.com; dmarc=pass header.from=b.example"
    assert mail("", passed, "From: lan@b.example", "From: ke-gian@xau.example").authentication.result is FAIL
    assert mail("", passed, "From: lan@b.example, ke-gian@xau.example").authentication.result is FAIL


def test_no_result_at_all_is_none_not_failure(mail: Make) -> None:
    assert mail("").authentication.result is NONE


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("gmail.com", "gmail.com"),
        ("mail.gmail.com", "gmail.com"),
        ("ldld.quangtri.gov.vn", "quangtri.gov.vn"),
        ("congty.com.vn", "congty.com.vn"),
        ("mail.congty.vn", "congty.vn"),
    ],
)
def test_the_organisation_of_a_domain(domain: str, expected: str) -> None:
    assert organisation(domain) == expected
