from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import Config, DigestConfig, FieldConfig, FormConfig, ImapConfig, RateConfig, Secret, SmtpConfig
from mailbox_ingest.digest import SentDigest, build, preview, send_digest
from mailbox_ingest.digest import send as digest_module
from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.model import IncomingMessage, JudgedReport, Mailbox, Outcome, OutgoingKind, ReportStatus, Unit, Verdict
from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.rollup.figures import UnitState
from mailbox_ingest.store.finish import finish_message
from mailbox_ingest.store.ledger import record_message
from mailbox_ingest.store.outbox import find_mail, list_outbox
from mailbox_ingest.store.polls import record_poll
from mailbox_ingest.store.records import Arrival, Poll
from mailbox_ingest.store.reports import accepted_reports
from mailbox_ingest.store.units import import_units

W35 = Period(2020, 35)
FRIDAY = datetime(2020, 8, 28, 17, 30, tzinfo=LOCAL_ZONE)
UNITS = (
    Unit(code="a", name="LĐLĐ huyện Vĩnh Linh", group="huyện", emails=("a@x.example",)),
    Unit(code="b", name="LĐLĐ huyện Cam Lộ", group="huyện", emails=("b@x.example",)),
    Unit(code="c", name="Công đoàn ngành Y tế", group="ngành", emails=("c@x.example",)),
)
FORM = FormConfig(
    name="bluezone",
    title="Báo cáo cài đặt",
    fields=(
        FieldConfig(name="phones", title="Có điện thoại", labels=()),
        FieldConfig(name="installed", title="Đã cài", labels=(), part_of="phones"),
    ),
    rates=(RateConfig(name="rate", title="Tỷ lệ đã cài", numerator="installed", denominator="phones", target_percent=Decimal(100)),),
)
CONFIG = Config(
    store_url="",
    forms=(FORM,),
    smtp=SmtpConfig(host="localhost", sender="baocao@qt.example", sender_name="Tiếp nhận báo cáo"),
    mailboxes=(ImapConfig(name="tinh", host="localhost", user="u", password=Secret(_text="p"), address="baocao@qt.example"),),
    digests=(
        DigestConfig(name="lanh-dao", form="bluezone", recipients=("pct@qt.example", "ctcs@qt.example")),
        DigestConfig(name="nganh", form="bluezone", recipients=(), groups=("ngành",)),
    ),
)

Receive = Callable[..., None]


@pytest.fixture
def receive(sessions: sessionmaker[Session]) -> Receive:
    """Puts a judged mail of a unit into the store."""
    with sessions.begin() as session:
        import_units(session, UNITS, now=FRIDAY - timedelta(days=9))
        record_poll(session, Poll(account="tinh", started_at=FRIDAY, finished_at=FRIDAY - timedelta(minutes=2)))
    uids = iter(range(1, 100))

    def store(
        unit: str,
        installed: int,
        *,
        period: Period = W35,
        at: datetime = FRIDAY - timedelta(hours=3),
        status: ReportStatus = ReportStatus.ACCEPTED,
    ) -> None:
        uid = next(uids)
        outcome = Outcome.NEEDS_REVIEW if status is ReportStatus.NEEDS_REVIEW else Outcome.ACCEPTED
        with sessions.begin() as session:
            standing = [r.id for r in accepted_reports(session, "bluezone", {unit}) if r.period == period]
            raw = f"Message-ID: <{uid}@x>\r\nFrom: {unit}@x.example\r\n\r\n{uid}".encode()
            message = record_message(
                session, Arrival(account="tinh", folder="INBOX", uidvalidity=1, uid=uid, raw=raw, arrived_at=at), now=at
            )
            report = JudgedReport(
                form="bluezone",
                unit=unit,
                period=period,
                values={"phones": 100, "installed": installed},
                status=status,
                supersedes=standing[0] if standing and status is ReportStatus.ACCEPTED else None,
            )
            finish_message(
                session,
                message.id,
                incoming=IncomingMessage(message_id=f"<{uid}@x>", sender=Mailbox(email=f"{unit}@x.example")),
                verdict=Verdict(outcome=outcome, reports=(report,), sender_registered=True),
                now=at,
            )

    return store


def send(sessions: sessionmaker[Session], now: datetime = FRIDAY, name: str = "lanh-dao") -> SentDigest:
    return send_digest(sessions, CONFIG, name, W35, now)


def test_friday_s_digest_is_frozen_and_queued_with_its_charts_and_workbook(receive: Receive, sessions: sessionmaker[Session]) -> None:
    receive("a", 40, period=Period(2020, 34), at=FRIDAY - timedelta(days=8))
    receive("a", 60)
    receive("b", 80, status=ReportStatus.NEEDS_REVIEW)
    sent = send(sessions)

    assert sent.new and sent.queued
    assert sent.digest.figures["completeness"] == {"expected": 3, "on_time": 1, "late": 0, "missing": 2, "held": 1}
    assert sent.digest.figures["held_elsewhere"] == 0
    with sessions.begin() as session:
        mail = find_mail(session, "digest:lanh-dao:2020-W35")
    assert mail is not None
    assert mail.kind is OutgoingKind.DIGEST and mail.auto_submitted == "auto-generated"
    assert [to.email for to in mail.to] == ["pct@qt.example", "ctcs@qt.example"]
    assert mail.content.subject == "Báo cáo cài đặt tuần 35 (24/8–30/8/2020): đạt 60,0%, 1/3 đơn vị đã báo cáo"
    assert {(f.name, f.content_id) for f in mail.content.attachments} == {
        ("trend.png", "trend@digest"),
        ("units.png", "units@digest"),
        ("bluezone-2020-W35.xlsx", None),
        ("bao-cao-tong-hop-bluezone-2020-W35.docx", None),
    }
    assert "tăng từ 40,0% lên 60,0%" in mail.content.text
    assert "Hộp thư được kiểm tra lần cuối lúc 17:28 thứ Sáu, 28/8/2020. Số thư nhận được từ 24/8/2020: 2." in mail.content.text


def test_the_figures_are_those_known_at_the_moment_asked_for(receive: Receive, sessions: sessionmaker[Session]) -> None:
    receive("a", 60)
    receive("a", 90, at=FRIDAY + timedelta(hours=1))
    with sessions.begin() as session:
        then, now = (build(session, config=CONFIG, digest=CONFIG.digests[0], period=W35, as_of=FRIDAY + timedelta(hours=h)) for h in (0, 2))

    assert (then.totals["installed"], now.totals["installed"]) == (60, 90)
    assert now.units[0].state is UnitState.ON_TIME  # its first report came before the deadline


def test_a_second_run_gives_the_frozen_digest_and_queues_nothing(receive: Receive, sessions: sessionmaker[Session]) -> None:
    receive("a", 60)
    first = send(sessions)
    receive("a", 90, at=FRIDAY + timedelta(hours=1))
    second = send(sessions, FRIDAY + timedelta(hours=2))

    assert not second.new and not second.queued
    assert second.digest.figures == first.digest.figures
    assert second.digest.content == first.digest.content
    with sessions.begin() as session:
        assert len(list_outbox(session)) == 1


def test_a_worker_that_loses_the_race_gives_what_the_other_froze(
    receive: Receive, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    receive("a", 60)
    first = send(sessions)
    real, calls = digest_module.find_digest, iter([True])
    monkeypatch.setattr(digest_module, "find_digest", lambda *args: None if next(calls, False) else real(*args))
    second = send(sessions, FRIDAY + timedelta(hours=2))

    assert not second.new and not second.queued and second.digest.as_of == first.digest.as_of
    with sessions.begin() as session:
        assert len(list_outbox(session)) == 1


def test_the_roster_of_a_closed_week_survives_a_change_of_the_registry(receive: Receive, sessions: sessionmaker[Session]) -> None:
    receive("a", 60)
    send(sessions)
    with sessions.begin() as session:
        import_units(session, UNITS[:1], now=FRIDAY)
    other = send(sessions, name="nganh")

    assert [u["unit"] for u in other.digest.figures["units"]] == ["c"]
    assert other.new and not other.queued  # nobody is to receive it


def test_a_week_without_reports_says_so_in_the_subject(receive: Receive, sessions: sessionmaker[Session]) -> None:
    content = send(sessions).digest.content

    assert content.subject.endswith("chưa có đơn vị nào báo cáo")
    assert "Chưa có đơn vị nào báo cáo trong tuần này." in content.text and "Chưa có đơn vị nào báo cáo trong tuần này." in (
        content.html or ""
    )


def test_a_mailbox_that_nobody_could_look_into_is_an_alarm(receive: Receive, sessions: sessionmaker[Session]) -> None:
    receive("a", 60)
    late = send(sessions, FRIDAY + timedelta(days=2)).digest.content

    assert "quá 24 giờ chưa kiểm tra được" in late.text and "quá 24 giờ chưa kiểm tra được" in (late.html or "")


def test_a_preview_is_a_folder_of_files_and_changes_nothing(receive: Receive, sessions: sessionmaker[Session], tmp_path: Path) -> None:
    receive("a", 40, period=Period(2020, 34), at=FRIDAY - timedelta(days=8))
    receive("a", 60)
    folder = tmp_path / "xem-truoc"
    written = preview(sessions, CONFIG, "lanh-dao", W35, FRIDAY, folder=folder, compose=lambda mail: mail.content.subject.encode())

    assert {path.name for path in written} == {
        "lanh-dao-2020-W35.eml",
        "lanh-dao-2020-W35.html",
        "lanh-dao-2020-W35.txt",
        "lanh-dao-2020-W35-trend.png",
        "lanh-dao-2020-W35-units.png",
        "bluezone-2020-W35.xlsx",
        "bao-cao-tong-hop-bluezone-2020-W35.docx",
    }
    assert 'src="lanh-dao-2020-W35-trend.png"' in (folder / "lanh-dao-2020-W35.html").read_text(encoding="utf-8")
    assert send(sessions).new


def test_an_unknown_digest_and_a_missing_sender_are_told_to_the_operator(receive: Receive, sessions: sessionmaker[Session]) -> None:
    with pytest.raises(ConfigurationError, match=r"no digest 'khac'; configured: lanh-dao, nganh"):
        send(sessions, name="khac")
    with pytest.raises(ConfigurationError, match="smtp"):
        send_digest(sessions, replace(CONFIG, smtp=None), "lanh-dao", W35, FRIDAY)
