"""Whose report it is: what the letter says against what the sender is registered for. A conflict goes to a person."""

from __future__ import annotations

from dataclasses import dataclass

from mailbox_ingest.judgement import findings as say
from mailbox_ingest.judgement.case import Case, Claim
from mailbox_ingest.model import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDecision:
    """`unit` may stand beside `certain` False: the most likely one, for the person who decides."""

    unit: str | None
    certain: bool = True
    findings: tuple[Finding, ...] = ()


def decide_unit(case: Case, claim: Claim) -> UnitDecision:
    """The unit of one claim. A body that title, subject or file name give the figures to, and that is not this unit, holds them."""
    decision = _decide(case, claim)
    if decision.unit is None or not decision.certain:
        return decision
    stranger = next((body.text for body in (*claim.clues.bodies, *case.message_bodies) if decision.unit not in body.may_be), None)
    return decision if stranger is None else _held(decision.unit, say.unit_mismatch(stranger))


def _decide(case: Case, claim: Claim) -> UnitDecision:
    clues = claim.clues
    stated = clues.issuer or clues.row
    if clues.issuer and clues.row and clues.issuer != clues.row:
        return _held(clues.row, say.unit_mismatch(_name(case, clues.row)))
    if clues.foreign_row or clues.others - {stated}:
        # The figures are another body's, or a sum over units of ours: not the sender's own.
        shown = clues.foreign_row or _name(case, sorted(clues.others)[0])
        return _held(stated or (case.sender_units[0] if len(case.sender_units) == 1 else None), say.unit_mismatch(shown))
    if stated is not None:
        return _stated(case, claim, stated)
    if clues.foreign_issuer:
        guess = case.sender_units[0] if len(case.sender_units) == 1 else None
        finding = say.unit_mismatch(clues.foreign_issuer) if case.registered else say.unknown_unit(clues.foreign_issuer)
        return _held(guess, finding)
    named = clues.named | clues.hinted | (case.message_units if not clues.named else frozenset())
    if not case.registered:
        guess = next(iter(named)) if len(named) == 1 else None
        return _held(guess, say.unknown_sender(), say.unknown_unit(_name(case, guess) if guess else ""))
    own = [u for u in case.sender_units if u in named]
    if len(own) == 1:
        return UnitDecision(unit=own[0])
    if named and not own:
        other = sorted(named)[0]
        return _held(other, say.unit_mismatch(_name(case, other)))
    if len(case.sender_units) == 1:
        return UnitDecision(unit=case.sender_units[0])
    return _held(None, say.unknown_unit())


def _stated(case: Case, claim: Claim, unit: str) -> UnitDecision:
    clues = claim.clues
    if case.registered and unit not in case.sender_units:
        return _held(unit, say.unit_mismatch(_name(case, unit)))
    issuers = {c.clues.issuer for c in case.claims}
    strangers = case.message_units - issuers - clues.superiors - {unit}
    if strangers and unit not in case.message_units:
        return _held(unit, say.unit_mismatch(_name(case, sorted(strangers)[0])))
    for others in (clues.hinted, clues.named):
        strangers = others - {unit} - clues.superiors
        if strangers and unit not in others:
            return _held(unit, say.unit_mismatch(_name(case, sorted(strangers)[0])))
    if case.registered:
        return UnitDecision(unit=unit)
    if not clues.issuer_exact:
        return _held(unit, say.unknown_sender(), say.unknown_unit(_name(case, unit)))
    if case.unknown_senders == "hold":
        return _held(unit, say.unknown_sender())
    return UnitDecision(unit=unit, findings=(say.unknown_sender(),))


def _held(unit: str | None, *findings: Finding) -> UnitDecision:
    return UnitDecision(unit=unit, certain=False, findings=findings)


def _name(case: Case, code: str) -> str:
    return case.units[code].name if code in case.units else code
