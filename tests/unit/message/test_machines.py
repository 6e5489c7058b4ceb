"""Mails as the systems in the field write them: machines are named, people are not, whatever they look like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbox_ingest.message import parse
from mailbox_ingest.message.headers import without_comments
from mails.bounces import BOUNCES
from mails.machines import MACHINES
from mails.making import OURS, Made
from mails.people import PEOPLE

OWN = frozenset((OURS,))
EVERYTHING = (*MACHINES, *(bounce.mail for bounce in BOUNCES), *PEOPLE)


@pytest.mark.parametrize("mail", EVERYTHING, ids=lambda mail: mail.name)
def test_a_machine_is_named_and_a_person_is_not(mail: Made) -> None:
    assert parse(mail.raw, own_addresses=OWN).automatic == mail.kind


@pytest.mark.parametrize("mail", PEOPLE, ids=lambda mail: mail.name)
def test_a_person_stays_one_whatever_outlook_asks_of_answering_machines(mail: Made) -> None:
    suppressed = b"X-Auto-Response-Suppress: All\r\nX-MS-Exchange-Organization-AuthAs: Internal\r\n" + mail.raw
    assert parse(suppressed, own_addresses=OWN).automatic is None


def test_there_are_enough_of_them_and_each_is_another() -> None:
    assert len(MACHINES) + len(BOUNCES) >= 60
    assert len(PEOPLE) >= 20
    assert len({mail.raw for mail in EVERYTHING}) == len({mail.name for mail in EVERYTHING}) == len(EVERYTHING)


@given(st.text(alphabet='ab ();"\\', max_size=40))
def test_comments_are_taken_out_whatever_they_look_like(text: str) -> None:
    bare = without_comments(text)
    assert len(bare) <= len(text)
    if "(" not in text:
        assert bare == text
    if '"' not in text and "\\" not in text:
        assert "(" not in bare


@pytest.mark.parametrize(
    ("field", "bare"),
    [
        ("no (a (b) c) x", "no  x"),
        ("(a (b)) auto-replied", " auto-replied"),
        ("no (never closed; auto-replied", "no "),
        (r"no (a \) b) x", "no  x"),
        ('"(no comment)" x', '"(no comment)" x'),
    ],
)
def test_nested_and_broken_comments(field: str, bare: str) -> None:
    assert without_comments(field) == bare
