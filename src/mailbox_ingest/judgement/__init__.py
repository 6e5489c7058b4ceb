"""Readings -> verdict: whose, for when, right or wrong, new or again. Pure; what is doubtful is held for a person."""

from mailbox_ingest.judgement.case import BODY_PATH, Case, Claim
from mailbox_ingest.judgement.findings import document_failure
from mailbox_ingest.judgement.judge import due_of, judge

__all__ = ["BODY_PATH", "Case", "Claim", "document_failure", "due_of", "judge"]
