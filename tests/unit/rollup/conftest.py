"""A form of two figures and a rate, and reports of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest

from mailbox_ingest.config import FieldConfig, FormConfig, RateConfig, RulesConfig
from mailbox_ingest.model import ReportStatus, StoredReport
from mailbox_ingest.periods import LOCAL_ZONE, Period

ON_TIME = datetime(2020, 8, 28, 16, 59, tzinfo=LOCAL_ZONE)


@pytest.fixture(scope="session")
def small_form() -> FormConfig:
    return FormConfig(
        name="form",
        title="Báo cáo",
        fields=(
            FieldConfig(name="whole", title="Tổng số", labels=()),
            FieldConfig(name="part", title="Đã cài", labels=(), part_of="whole"),
        ),
        rates=(RateConfig(name="rate", title="Tỷ lệ", numerator="part", denominator="whole", target_percent=Decimal(100)),),
        rules=RulesConfig(same_numbers_weeks=3),
    )


@pytest.fixture(scope="session")
def sent() -> Callable[..., StoredReport]:
    """A report of `part` out of `whole`."""

    def make(unit: str, period: Period, part: int, whole: int = 1000, *, number: int = 1, by_human: bool = False) -> StoredReport:
        return StoredReport(
            id=number,
            form="form",
            unit=unit,
            period=period,
            values={"whole": whole, "part": part},
            status=ReportStatus.ACCEPTED,
            message_id=number,
            arrived_at=ON_TIME,
            sender=f"{unit}@example",
            sender_registered=True,
            by_human=by_human,
        )

    return make
