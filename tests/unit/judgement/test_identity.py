"""Whose report it is: letterhead, row, text and file name against the sender's registration."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mailbox_ingest.judgement import Case, Claim
from mailbox_ingest.judgement.identity import decide_unit
from mailbox_ingest.model import UnitClues

MakeClaim = Callable[..., Claim]
MakeCase = Callable[..., Case]

OWN, OTHER = "ldld-vinh-linh", "ldld-huong-hoa"
FACTORY = "cdcs-tinh-bot-san-huong-hoa"


@pytest.mark.parametrize(
    "clues",
    [
        UnitClues(issuer=OWN),
        UnitClues(issuer=OWN, issuer_exact=False),
        UnitClues(row=OWN),
        UnitClues(issuer=OWN, row=OWN, named=frozenset((OWN,)), hinted=frozenset((OWN,))),
        UnitClues(issuer=OWN, superiors=frozenset((OTHER,)), named=frozenset((OTHER,))),
        UnitClues(named=frozenset((OWN, OTHER))),
        UnitClues(),
    ],
    ids=["letterhead", "letterhead with a slip", "row", "all agree", "superior named", "own among others", "nothing but the address"],
)
def test_what_agrees_with_the_senders_registration_is_its_units(case: MakeCase, claim: MakeClaim, clues: UnitClues) -> None:
    decided = decide_unit(case(), claim(clues=clues))
    assert (decided.unit, decided.certain) == (OWN, True)


@pytest.mark.parametrize(
    ("clues", "unit"),
    [
        (UnitClues(issuer=OTHER), OTHER),
        (UnitClues(foreign_issuer="CĐCS TRƯỜNG THPT LÊ LỢI"), OWN),
        (UnitClues(issuer=OWN, row=OTHER), OTHER),
        (UnitClues(issuer=OWN, named=frozenset((OTHER,))), OWN),
        (UnitClues(issuer=OWN, hinted=frozenset((OTHER,))), OWN),
        (UnitClues(named=frozenset((OTHER,))), OTHER),
    ],
    ids=[
        "another letterhead",
        "a stranger's letterhead",
        "another's row",
        "another named",
        "another in the file's name",
        "only another named",
    ],
)
def test_any_conflict_is_for_a_person(case: MakeCase, claim: MakeClaim, clues: UnitClues, unit: str) -> None:
    decided = decide_unit(case(), claim(clues=clues))
    assert (decided.unit, decided.certain) == (unit, False)
    assert [f.code for f in decided.findings] == ["unit_mismatch"]


def test_an_unknown_sender_may_report_under_a_clear_letterhead_with_a_warning(case: MakeCase, claim: MakeClaim) -> None:
    decided = decide_unit(case(sender="la@nha.example", sender_units=()), claim(clues=UnitClues(issuer=OWN)))
    assert (decided.unit, decided.certain, [f.code for f in decided.findings]) == (OWN, True, ["unknown_sender"])


@pytest.mark.parametrize(
    ("clues", "unknown_senders"),
    [
        (UnitClues(issuer=OWN), "hold"),
        (UnitClues(issuer=OWN, issuer_exact=False), "accept"),
        (UnitClues(named=frozenset((OWN,))), "accept"),
        (UnitClues(), "accept"),
        (UnitClues(foreign_issuer="UBND XÃ HẢI PHÚ"), "accept"),
    ],
    ids=["configured to hold", "misspelt letterhead", "no letterhead", "nothing", "a stranger's letterhead"],
)
def test_an_unknown_sender_with_less_than_that_is_for_a_person(
    case: MakeCase, claim: MakeClaim, clues: UnitClues, unknown_senders: str
) -> None:
    made = case(sender="la@nha.example", sender_units=(), unknown_senders=unknown_senders)
    assert not decide_unit(made, claim(clues=clues)).certain


def test_a_mailbox_of_two_units_needs_the_letter_to_say_which(case: MakeCase, claim: MakeClaim) -> None:
    shared = case(sender_units=("cd-cuc-thue", "cd-kho-bac"))
    assert not decide_unit(shared, claim(clues=UnitClues())).certain
    assert decide_unit(shared, claim(clues=UnitClues(issuer="cd-kho-bac"))).unit == "cd-kho-bac"
    assert decide_unit(shared, claim(clues=UnitClues(named=frozenset(("cd-cuc-thue",))))).unit == "cd-cuc-thue"


def test_a_unit_named_by_subject_or_body_counts_only_where_the_letter_names_none(case: MakeCase, claim: MakeClaim) -> None:
    made = case(sender_units=(OWN, FACTORY), message_units=frozenset((FACTORY,)))
    assert decide_unit(made, claim(clues=UnitClues())).unit == FACTORY
    assert decide_unit(made, claim(clues=UnitClues(issuer=OWN))).unit == OWN
