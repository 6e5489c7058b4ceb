"""A form, two units and makers of mails and verdicts, for the tests of what people see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest

from mailbox_ingest.config import CalendarConfig, FieldConfig, FormConfig, OrganisationConfig, RateConfig
from mailbox_ingest.model import (
    DocumentFailure,
    Finding,
    IncomingMessage,
    JudgedReport,
    LetterContent,
    Mailbox,
    Outcome,
    ReportStatus,
    StoredReport,
    Unit,
    Verdict,
)
from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.render.letters.letters import reply

W34, W35 = Period(2020, 34), Period(2020, 35)
ARRIVED = datetime(2020, 8, 27, 16, 32, tzinfo=LOCAL_ZONE)
DUE = datetime(2020, 8, 28, 17, 0, tzinfo=LOCAL_ZONE)


@pytest.fixture(scope="session")
def form() -> FormConfig:
    return FormConfig(
        name="bluezone",
        title="Báo cáo cài đặt ứng dụng Bluezone",
        legal_basis="Công văn số 597/LĐLĐ-CTCS ngày 14/8/2020",
        fields=(
            FieldConfig(name="members", title="Tổng số đoàn viên, người lao động", short_title="Tổng số", labels=()),
            FieldConfig(
                name="smartphone_users",
                title="Số có điện thoại thông minh",
                short_title="Có ĐTTM",
                labels=(),
                part_of="members",
                part_code="smartphones_exceed_members",
            ),
            FieldConfig(
                name="installed",
                title="Số đã cài đặt Bluezone",
                short_title="Đã cài",
                labels=(),
                part_of="smartphone_users",
                part_code="installed_exceeds_smartphones",
            ),
        ),
        rates=(
            RateConfig(name="smartphone", title="Tỷ lệ có điện thoại thông minh", numerator="smartphone_users", denominator="members"),
            RateConfig(
                name="installed",
                title="Tỷ lệ đã cài đặt Bluezone",
                numerator="installed",
                denominator="smartphone_users",
                target_percent=Decimal(100),
            ),
        ),
        calendar=CalendarConfig(due_overrides={"2020-W34": datetime(2020, 8, 20, 17, 0, tzinfo=LOCAL_ZONE)}),
        correction_words=("thay thế", "đính chính"),
        headline_rate="installed",
    )


@pytest.fixture
def units() -> dict[str, Unit]:
    return {
        "ldld-vinh-linh": Unit(
            code="ldld-vinh-linh", name="LĐLĐ huyện Vĩnh Linh", group="huyện, thị xã, thành phố", emails=("vinhlinh@gmail.example",)
        ),
        "cdn-y-te": Unit(code="cdn-y-te", name="Công đoàn ngành Y tế", group="ngành", emails=("yte@gmail.example",)),
    }


@pytest.fixture
def incoming() -> IncomingMessage:
    return IncomingMessage(
        message_id="<bc35@gmail.example>",
        sender=Mailbox(email="vinhlinh@gmail.example", name="Trần Hữu Hải"),
        subject="Báo cáo tuần 35",
        references=("<root@gmail.example>",),
    )


@pytest.fixture
def previous() -> StoredReport:
    return StoredReport(
        id=1,
        form="bluezone",
        unit="ldld-vinh-linh",
        period=W34,
        values={"members": 4200, "smartphone_users": 3480, "installed": 2764},
        status=ReportStatus.ACCEPTED,
        message_id=1,
        arrived_at=ARRIVED,
        sender="vinhlinh@gmail.example",
        sender_registered=True,
    )


@pytest.fixture
def judged(previous: StoredReport) -> Callable[..., JudgedReport]:
    def make(**changed: object) -> JudgedReport:
        facts: dict[str, object] = {
            "form": "bluezone",
            "unit": "ldld-vinh-linh",
            "period": W35,
            "values": {"members": 4215, "smartphone_users": 3480, "installed": 3102},
            "status": ReportStatus.ACCEPTED,
            "on_time": True,
            "due_at": DUE,
            "previous": previous,
        }
        return JudgedReport(**{**facts, **changed})  # type: ignore[arg-type]

    return make


@pytest.fixture
def write(form: FormConfig, units: dict[str, Unit], incoming: IncomingMessage) -> Callable[..., LetterContent]:
    """Renders a reply; everything not said is the ordinary case."""

    def make(
        *reports: JudgedReport,
        outcome: Outcome = Outcome.ACCEPTED,
        findings: tuple[Finding, ...] = (),
        failures: tuple[DocumentFailure, ...] = (),
        registered: bool = True,
        mail: IncomingMessage | None = None,
        arrived_at: datetime = ARRIVED,
    ) -> LetterContent:
        return reply(
            incoming=mail or incoming,
            verdict=Verdict(outcome=outcome, reports=reports, findings=findings, sender_registered=registered),
            failures=failures,
            forms={form.name: form},
            units=units,
            organisation=OrganisationConfig(),
            arrived_at=arrived_at,
        )

    return make
