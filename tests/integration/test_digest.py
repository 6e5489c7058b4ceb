from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import CalendarConfig, Config, DigestConfig, FieldConfig, FormConfig, ImapConfig, RateConfig, Secret, SmtpConfig
from mailbox_ingest.digest import SentDigest, build, preview, send_digest
from mailbox_ingest.digest import send as digest_module
from mailbox_ingest.errors import ConfigurationError, DecisionRefused
from mailbox_ingest.model import IncomingMessage, JudgedReport, Mailbox, Outcome, OutgoingKind, ReportStatus, Unit, Verdict
from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.rollup.figures import UnitState
from mailbox_ingest.store.ledger.door import record_message
from mailbox_ingest.store.ledger.finish import finish_message
from mailbox_ingest.store.ledger.records import Arrival
from mailbox_ingest.store.operations.polls import record_poll
from mailbox_ingest.store.operations.records import Poll
from mailbox_ingest.store.outgoing.lookup import find_mail, list_outbox
from mailbox_ingest.store.registry.exemptions import exempt_unit
from mailbox_ingest.store.registry.records import Exemption
from mailbox_ingest.store.registry.units import import_units
from mailbox_ingest.store.reports.rosters import find_roster
from mailbox_ingest.store.reports.standing import accepted_reports

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
    assert sent.digest.figures["completeness"] == {"expected": 3, "on_time": 1, "late": 0, "missing": 2, "held": 1, "unreachable": 0}
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


def test_the_digest_of_a_week_that_has_not_begun_is_not_frozen_ahead_of_it(receive: Receive, sessions: sessionmaker[Session]) -> None:
    with pytest.raises(DecisionRefused, match="has not begun"):
        send_digest(sessions, CONFIG, "lanh-dao", W35.shifted(1), FRIDAY)
    assert send_digest(sessions, CONFIG, "lanh-dao", W35.shifted(1), FRIDAY + timedelta(days=7)).new


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


# ---------------------------------------------------------------- what the next digest says of the weeks before

W36 = W35.shifted(1)
NEXT_FRIDAY = FRIDAY + timedelta(days=7)


def test_what_changed_since_the_last_digest_is_told_once_in_the_next(receive: Receive, sessions: sessionmaker[Session]) -> None:
    receive("a", 60)
    send(sessions)
    receive("a", 72, at=FRIDAY + timedelta(hours=1))
    receive("b", 30, at=FRIDAY + timedelta(days=1))
    after = send_digest(sessions, CONFIG, "lanh-dao", W36, NEXT_FRIDAY).digest
    later = send_digest(sessions, CONFIG, "lanh-dao", W36.shifted(1), NEXT_FRIDAY + timedelta(days=7)).digest

    (restated,) = after.figures["restatements"]
    assert (restated["period"], restated["totals_before"], restated["moved"]) == (
        "2020-W35",
        {"phones": 100, "installed": 60},
        {"phones": 100, "installed": 42},
    )
    assert [unit["unit"] for unit in restated["units"]] == ["a", "b"]
    assert "Tuần 35 điều chỉnh: có điện thoại +100; đã cài +42 (2 đơn vị, trong đó 1 đơn vị gửi bổ sung)." in after.content.text
    assert after.figures["history"][0]["totals"] == {"phones": 200, "installed": 102}
    assert later.figures["restatements"] == []


def test_a_digest_for_some_groups_restates_their_units_only(receive: Receive, sessions: sessionmaker[Session]) -> None:
    receive("c", 60)
    send(sessions, name="nganh")
    receive("a", 72, at=FRIDAY + timedelta(hours=1))
    receive("c", 61, at=FRIDAY + timedelta(hours=1))
    after = send_digest(sessions, CONFIG, "nganh", W36, NEXT_FRIDAY).digest

    assert [[unit["unit"] for unit in week["units"]] for week in after.figures["restatements"]] == [["c"]]


def test_an_exempt_unit_that_reports_all_the_same_counts(receive: Receive, sessions: sessionmaker[Session]) -> None:
    receive("a", 60)
    with sessions.begin() as session:
        for unit in ("a", "b"):
            exempt_unit(session, Exemption(form="bluezone", unit=unit, period=W35, reason="Bão lụt", who="lan", recorded_at=FRIDAY))
    sent = send(sessions).digest

    assert sent.figures["completeness"]["expected"] == 2 and sent.figures["totals"]["installed"] == 60
    assert sent.figures["exempt"] == [{"unit": "b", "name": "LĐLĐ huyện Cam Lộ", "reason": "Bão lụt"}]
    assert "- LĐLĐ huyện Cam Lộ: Bão lụt." in sent.content.text


def test_a_week_whose_deadline_a_holiday_puts_off_is_told_open_and_closes_with_the_next_digest(
    receive: Receive, sessions: sessionmaker[Session]
) -> None:
    calendar = CalendarConfig(extra_holidays=(FRIDAY.date(),), holiday_rule="after")
    config = replace(CONFIG, forms=(replace(FORM, calendar=calendar),))
    receive("a", 60)
    early = send_digest(sessions, config, "lanh-dao", W35, FRIDAY).digest
    with sessions.begin() as session:
        assert find_roster(session, "bluezone", W35) is None
    send_digest(sessions, config, "lanh-dao", W36, NEXT_FRIDAY)

    assert "Tuần này chưa hết hạn báo cáo (hạn 17:00 thứ Hai, 31/8/2020)." in early.content.text
    with sessions.begin() as session:
        assert [unit.code for unit in find_roster(session, "bluezone", W35) or ()] == ["a", "b", "c"]


def test_a_missing_unit_that_no_mail_reaches_is_told(receive: Receive, sessions: sessionmaker[Session]) -> None:
    receive("a", 60)
    with sessions.begin() as session:
        import_units(session, (*UNITS[:2], replace(UNITS[2], emails=())), now=FRIDAY)
    sent = send(sessions).digest

    assert sent.figures["completeness"]["unreachable"] == 1
    text = sent.content.text
    silent, _, unreached = text.partition("ĐƠN VỊ KHÔNG LIÊN LẠC ĐƯỢC (1)")
    assert "- Công đoàn ngành Y tế: chưa đăng ký địa chỉ thư; chưa báo cáo kỳ nào" in unreached
    assert "ĐƠN VỊ CHƯA BÁO CÁO (1)" in silent and "Công đoàn ngành Y tế" not in silent
    assert "trong đó 1 đơn vị không liên lạc được" in text and "Số đơn vị không liên lạc được: 1." in text
