"""Figures of a range of days: on demand for a committee, and the report to the body above us, which a person lets go, once."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import docx
import pytest
from openpyxl import load_workbook
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.app.outgoing import OutboxDesk
from mailbox_ingest.app.upward import Rollups
from mailbox_ingest.config import Config, DigestConfig, SmtpConfig, UpwardConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.digest import upward_reports
from mailbox_ingest.errors import ConfigurationError, DecisionRefused
from mailbox_ingest.model import IncomingMessage, JudgedReport, Mailbox, Outcome, OutgoingKind, ReportStatus, Unit, Verdict
from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.rollup.span import Span
from mailbox_ingest.store.ledger.door import record_message
from mailbox_ingest.store.ledger.finish import finish_message
from mailbox_ingest.store.ledger.records import Arrival
from mailbox_ingest.store.outgoing.lookup import find_mail, list_outbox
from mailbox_ingest.store.people.audit import list_acts
from mailbox_ingest.store.registry.units import import_units
from mailbox_ingest.store.reports.standing import accepted_reports

W34, W35, W36 = (Period(2020, week) for week in (34, 35, 36))
UNITS = (
    Unit(code="a", name="LĐLĐ huyện Vĩnh Linh", group="huyện", emails=("a@x.example",)),
    Unit(code="b", name="LĐLĐ huyện Cam Lộ", group="huyện", emails=("b@x.example",)),
    Unit(code="c", name="Công đoàn ngành Y tế", group="ngành", emails=("c@x.example",)),
    Unit(code="d", name="Công đoàn ngành Giáo dục", group="ngành", emails=()),
)


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2020, month, day, hour, minute, tzinfo=LOCAL_ZONE)


CONFIG = Config(
    store_url="",
    forms=(builtin_form("bluezone"),),
    smtp=SmtpConfig(host="localhost", sender="baocao@qt.example", sender_name="Tiếp nhận báo cáo"),
    digests=(
        DigestConfig(name="lanh-dao", form="bluezone", recipients=("pct@qt.example",)),
        DigestConfig(name="nganh", form="bluezone", recipients=("nganh@qt.example",), groups=("ngành",)),
    ),
    upward=(
        UpwardConfig(
            name="tld",
            form="bluezone",
            recipients=("bantuyengiao@tld.example",),
            to="Tổng Liên đoàn Lao động Việt Nam (qua Ban Tuyên giáo)",
            since=date(2020, 8, 17),
            until=date(2020, 8, 30),
            due=at(8, 30, 17),
            draft_at=at(8, 28, 18),
            basis="Công văn số 850/TLĐ ngày 17/8/2020 của Tổng Liên đoàn Lao động Việt Nam",
            about="kết quả vận động đoàn viên, CNVCLĐ cài đặt ứng dụng Bluezone",
        ),
    ),
)
Receive = Callable[..., None]
Desk = Callable[..., Rollups]


@pytest.fixture
def receive(sessions: sessionmaker[Session]) -> Receive:
    """Puts a judged mail of a unit into the store: `installed` of 80 telephones of 100 members."""
    with sessions.begin() as session:
        import_units(session, UNITS, now=at(8, 1))
    uids = iter(range(1, 100))

    def store(unit: str, installed: int, period: Period, when: datetime, *, status: ReportStatus = ReportStatus.ACCEPTED) -> None:
        uid = next(uids)
        held = status is ReportStatus.NEEDS_REVIEW
        with sessions.begin() as session:
            standing = [r.id for r in accepted_reports(session, "bluezone", {unit}) if r.period == period]
            raw = f"Message-ID: <{uid}@x>\r\nFrom: {unit}@x.example\r\n\r\n{uid}".encode()
            arrival = Arrival(account="tinh", folder="INBOX", uidvalidity=1, uid=uid, raw=raw, arrived_at=when)
            message = record_message(session, arrival, now=when)
            report = JudgedReport(
                form="bluezone",
                unit=unit,
                period=period,
                values={"members": 100, "smartphone_users": 80, "installed": installed},
                status=status,
                supersedes=standing[0] if standing and not held else None,
            )
            verdict = Verdict(outcome=Outcome.NEEDS_REVIEW if held else Outcome.ACCEPTED, reports=(report,), sender_registered=True)
            incoming = IncomingMessage(message_id=f"<{uid}@x>", sender=Mailbox(email=f"{unit}@x.example"))
            finish_message(session, message.id, incoming=incoming, verdict=verdict, now=when)

    return store


@pytest.fixture
def desk(sessions: sessionmaker[Session]) -> Desk:
    def open_at(moment: datetime, *, config: Config = CONFIG, who: str = "chi Hà") -> Rollups:
        return Rollups(config=config, sessions=sessions, snapshots=sessions, who=who, now=moment)

    return open_at


@pytest.fixture
def two_weeks(receive: Receive) -> None:
    receive("a", 40, W34, at(8, 19))
    receive("a", 60, W35, at(8, 27))
    receive("b", 30, W34, at(8, 20, 18))  # late, and nothing for week 35
    receive("c", 70, W36, at(8, 31))  # after the range


def text_of(data: bytes) -> str:
    paper = docx.Document(io.BytesIO(data))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in paper.paragraphs] + cells)


def held(desk: Desk, moment: datetime) -> tuple[str, str]:
    (entry, _), report = desk(moment).draft("tld"), desk(moment).upward()[0]
    return entry.state, report.state


# ---------------------------------------------------------------- a range of days


def test_a_range_takes_the_newest_report_of_each_unit_and_says_of_which_week_it_is(
    two_weeks: None, desk: Desk, sessions: sessionmaker[Session]
) -> None:
    span = Span(first=date(2020, 8, 17), last=date(2020, 8, 30))
    sent = desk(at(8, 31)).send("lanh-dao", span)
    content = sent.content
    assert sent.new
    assert content.subject == f"{CONFIG.forms[0].title} từ 17/8/2020 đến 30/8/2020: đạt 56,3%, 2/4 đơn vị đã báo cáo"
    for text in (content.text, content.html or ""):
        assert "90/160 người" in text
        assert "1 đơn vị chưa có báo cáo tuần 35" in text
        assert "Công đoàn ngành Y tế" in text and "chưa báo cáo kỳ nào" in text
    book = load_workbook(io.BytesIO(next(f.data for f in content.attachments if f.name.endswith(".xlsx"))))
    rows = list(book["Các đơn vị"].iter_rows(min_row=2, values_only=True))
    assert [(row[1], row[3], row[4], row[7]) for row in rows] == [
        ("LĐLĐ huyện Vĩnh Linh", "Đúng hạn", "Tuần 35", 60),
        ("LĐLĐ huyện Cam Lộ", "Muộn", "Tuần 34", 30),
        ("Công đoàn ngành Y tế", "Chưa báo cáo", None, None),
        ("Công đoàn ngành Giáo dục", "Chưa báo cáo", None, None),
    ]
    with sessions() as session:
        mail = find_mail(session, sent.key)
    assert mail is not None and mail.kind is OutgoingKind.DIGEST and [to.email for to in mail.to] == ["pct@qt.example"]


def test_a_range_ends_with_its_last_day(receive: Receive, desk: Desk) -> None:
    receive("a", 40, W34, at(8, 20, 23, 59))
    receive("b", 40, W34, at(8, 21, 0, 0))
    receive("a", 45, W34, at(8, 22))  # a correction of what came in time
    content = desk(at(8, 23)).send("lanh-dao", Span(first=date(2020, 8, 18), last=date(2020, 8, 20))).content
    assert "45/80 người" in content.text and "1/4 đơn vị" in content.text


def test_an_audience_sees_its_own_groups_only(two_weeks: None, receive: Receive, desk: Desk) -> None:
    receive("c", 20, W35, at(8, 28))
    content = desk(at(8, 31)).send("nganh", Span(first=date(2020, 8, 24), last=date(2020, 8, 30))).content
    assert "1/2 đơn vị" in content.subject and "Vĩnh Linh" not in content.text


def test_what_is_held_is_told_apart_from_what_is_missing(two_weeks: None, receive: Receive, desk: Desk) -> None:
    receive("c", 20, W35, at(8, 28), status=ReportStatus.NEEDS_REVIEW)
    content = desk(at(8, 31)).send("lanh-dao", Span(first=date(2020, 8, 17), last=date(2020, 8, 30))).content
    assert "trong đó 1 đơn vị đã gửi và đang được kiểm tra" in content.text
    assert "ĐÃ GỬI, ĐANG ĐƯỢC KIỂM TRA (1)" in content.text


def test_a_range_is_sent_once_and_again_when_asked(two_weeks: None, receive: Receive, desk: Desk, sessions: sessionmaker[Session]) -> None:
    span = Span(first=date(2020, 8, 17), last=date(2020, 8, 30))
    assert desk(at(8, 31)).send("lanh-dao", span).new
    assert not desk(at(8, 31, 10)).send("lanh-dao", span).new
    receive("b", 50, W35, at(8, 30))
    assert "110/160" in desk(at(8, 31, 11)).send("lanh-dao", span, again=True).content.text
    with sessions() as session:
        assert len(list_outbox(session)) == 2


def test_a_range_without_reports_says_so(receive: Receive, desk: Desk, tmp_path: Path) -> None:
    content = desk(at(8, 31)).send("lanh-dao", Span(first=date(2020, 8, 30), last=date(2020, 8, 30))).content
    assert content.subject.endswith("ngày 30/8/2020: chưa có đơn vị nào báo cáo")
    assert "Chưa có đơn vị nào báo cáo" in content.text and "Chưa có đơn vị nào báo cáo" in (content.html or "")
    files = desk(at(8, 31)).preview("lanh-dao", Span(first=date(2020, 8, 30), last=date(2020, 8, 30)), folder=tmp_path / "x")
    assert sorted(file.suffix for file in files) == [".docx", ".html", ".txt", ".xlsx"]


@pytest.mark.parametrize("last", [date(2020, 8, 16), date(2022, 1, 1)])
def test_a_range_that_is_none_is_refused(last: date) -> None:
    with pytest.raises(ValueError, match="expected a first day"):
        Span(first=date(2020, 8, 17), last=last)


# ---------------------------------------------------------------- the report to the body above us


def test_the_draft_waits_for_a_person_and_goes_out_once(two_weeks: None, desk: Desk, sessions: sessionmaker[Session]) -> None:
    assert held(desk, at(8, 28, 18)) == ("held", "held")
    with sessions() as session:
        mail = find_mail(session, "upward:tld:1")
    assert mail is not None and mail.kind is OutgoingKind.UPWARD
    assert [to.email for to in mail.to] == ["bantuyengiao@tld.example"]
    assert mail.content.subject == "LĐLĐ tỉnh Quảng Trị báo cáo kết quả vận động đoàn viên, CNVCLĐ cài đặt ứng dụng Bluezone"
    assert "Kính gửi: Tổng Liên đoàn Lao động Việt Nam (qua Ban Tuyên giáo)" in mail.content.text
    assert "Thực hiện Công văn số 850/TLĐ ngày 17/8/2020" in mail.content.text and "90/160 người" in mail.content.text
    paper = text_of(next(f.data for f in mail.content.attachments if f.name.endswith(".docx")))
    assert "Về kết quả vận động đoàn viên" in paper and "Công đoàn ngành Y tế; Công đoàn ngành Giáo dục" in paper
    assert "- Tổng Liên đoàn Lao động Việt Nam (qua Ban Tuyên giáo) (b/c);" in paper

    released = desk(at(8, 29)).release("tld", reason="đã duyệt")
    assert (released.state, released.last_answer) == ("queued", "released by chi Hà: đã duyệt")
    with pytest.raises(DecisionRefused, match="nothing waits"):
        desk(at(8, 29)).release("tld")
    with pytest.raises(DecisionRefused, match="goes up once"):
        desk(at(8, 29)).draft("tld", again=True)
    assert desk(at(8, 29)).draft("tld") == (released, False)


def test_figures_that_changed_since_the_draft_do_not_go_up_silently(two_weeks: None, receive: Receive, desk: Desk) -> None:
    desk(at(8, 28, 18)).draft("tld")
    receive("c", 50, W35, at(8, 29))
    assert desk(at(8, 29, 10)).upward()[0].changed
    with pytest.raises(DecisionRefused, match="reported 2 -> 3, members 200 -> 300"):
        desk(at(8, 29, 10)).release("tld")
    newer, new = desk(at(8, 29, 11)).draft("tld", again=True)
    assert new and newer.key == "upward:tld:2"
    assert not desk(at(8, 29, 11)).upward()[0].changed
    assert desk(at(8, 29, 12)).release("tld").key == "upward:tld:2"


def test_a_person_may_release_what_was_drafted_all_the_same(two_weeks: None, receive: Receive, desk: Desk) -> None:
    desk(at(8, 28, 18)).draft("tld")
    receive("c", 50, W35, at(8, 29))
    assert desk(at(8, 29, 10)).release("tld", as_drafted=True).state == "queued"


def test_a_replaced_draft_can_never_go_out(two_weeks: None, desk: Desk, sessions: sessionmaker[Session]) -> None:
    desk(at(8, 28, 18)).draft("tld")
    desk(at(8, 29)).draft("tld", again=True)
    by_hand = OutboxDesk(sessions=sessions, who="x", now=at(8, 29))
    for key in ("upward:tld:1", "upward:tld:2"):
        with pytest.raises(DecisionRefused, match="upward release"):
            by_hand.release(key)
    with sessions() as session:
        assert [(entry.key, entry.state) for entry in list_outbox(session)] == [("upward:tld:2", "held"), ("upward:tld:1", "given_up")]
        actions = [act.action for act in reversed(list_acts(session))]
    assert actions == ["upward_drafted", "outbox_dropped", "upward_drafted"]


def test_the_service_drafts_when_the_time_comes_and_once(two_weeks: None, desk: Desk) -> None:
    assert (
        desk(
            at(
                8,
                28,
                17,
            )
        ).draft_due(since=at(8, 1))
        == ()
    )
    assert [entry.state for entry in desk(at(8, 28, 18)).draft_due(since=at(8, 1))] == ["held"]
    assert desk(at(8, 28, 19)).draft_due(since=at(8, 1)) == ()


def test_an_automatic_report_goes_out_by_itself_but_not_from_before_the_service_began(two_weeks: None, desk: Desk) -> None:
    config = replace(CONFIG, upward=(replace(CONFIG.upward[0], release="automatic"),))
    assert desk(at(8, 29), config=config).draft_due(since=at(8, 29)) == ()
    assert [entry.state for entry in desk(at(8, 29), config=config).draft_due(since=at(8, 1))] == ["queued"]


def test_an_empty_report_never_goes_up_by_itself(receive: Receive, desk: Desk) -> None:
    config = replace(CONFIG, upward=(replace(CONFIG.upward[0], release="automatic"),))
    (entry,) = desk(at(8, 28, 18), config=config).draft_due(since=at(8, 1))
    assert (entry.state, entry.last_answer) == ("held", "nobody has reported: waits for a person to release it")


def test_a_report_that_may_have_gone_out_is_not_drafted_again(two_weeks: None, desk: Desk, sessions: sessionmaker[Session]) -> None:
    from mailbox_ingest.store.outgoing.outbox import claim_due, mark_held

    desk(at(8, 28, 18)).draft("tld")
    desk(at(8, 28, 18)).release("tld")
    with sessions.begin() as session:
        (claimed,) = claim_due(session, now=at(8, 28, 19), limit=5, budget_recipients=5)
        mark_held(session, claimed.id, now=at(8, 28, 20), reason="uncertain whether it went out")
    with pytest.raises(DecisionRefused, match="may have gone out"):
        desk(at(8, 28, 21)).draft("tld", again=True)


def test_status_and_names(two_weeks: None, desk: Desk, sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        (report,) = upward_reports(session, CONFIG, now=at(8, 20))
    assert (report.state, report.mail, report.due - at(8, 30, 17)) == ("not drafted", None, timedelta(0))
    with pytest.raises(ConfigurationError, match=r"configured reports \(tld\)"):
        desk(at(8, 20)).draft("khac")
