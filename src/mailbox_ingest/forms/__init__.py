"""Documents -> readings: labels, numbers, dates and unit names as Vietnamese offices write them. Pure; no form is known by name."""

from mailbox_ingest.forms.identity import bodies_named, identify, units_named
from mailbox_ingest.forms.reader import read
from mailbox_ingest.forms.remarks import (
    days_named,
    doubt_in,
    is_about,
    names_other_form,
    other_month_in,
    part_doubted_in,
    says_correction,
    weeks_named,
)
from mailbox_ingest.forms.units import UnitMatch, UnitMatcher, duplicate_names

__all__ = [
    "UnitMatch",
    "UnitMatcher",
    "bodies_named",
    "days_named",
    "doubt_in",
    "duplicate_names",
    "identify",
    "is_about",
    "names_other_form",
    "other_month_in",
    "part_doubted_in",
    "read",
    "says_correction",
    "units_named",
    "weeks_named",
]
