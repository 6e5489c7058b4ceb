"""Documents -> readings: labels, numbers, dates and unit names as Vietnamese offices write them. Pure; no form is known by name."""

from mailbox_ingest.forms.identity import identify
from mailbox_ingest.forms.reader import is_about, read, says_correction
from mailbox_ingest.forms.units import UnitMatch, UnitMatcher, duplicate_names

__all__ = ["UnitMatch", "UnitMatcher", "duplicate_names", "identify", "is_about", "read", "says_correction"]
