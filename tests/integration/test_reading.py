"""The use case 'reading' on a real store: one transaction a mail, witnesses, strangers, impostors, machines, deaths of a child."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.app.registering import Registrar
from mailbox_ingest.config import AdmissionConfig, LimitsConfig, OrganisationConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Outcome, ReportStatus, Unit
from mailbox_ingest.periods import Period
from mailbox_ingest.reading.pending import Processed, Reader
from mailbox_ingest.reading.task import Task
from mailbox_ingest.render.letters import letters
from mailbox_ingest.store.ledger.door import record_message
from mailbox_ingest.store.ledger.lookup import count_messages, message_details
from mailbox_ingest.store.ledger.records import Arrival, MessageDetails
from mailbox_ingest.store.outgoing.lookup import list_outbox
from mailbox_ingest.store.registry.units import import_units
from mailbox_ingest.store.reports.standing import accepted_reports

NOW = datetime(2020, 8, 28, 2, 5, tzinfo=UTC)  # Friday, 9:05 in Quảng Trị
FRIDAY = "Fri, 28 Aug 2020 09:00:00 +0700"
UNITS = (
    Unit(code="ldld-cam-lo", name="LĐLĐ huyện Cam Lộ", group="huyện", emails=("camlo@gmail.example",)),
    Unit(code="ldld-huong-hoa", name="LĐLĐ huyện Hướng Hóa", group="huyện", emails=("huonghoa@gmail.example",)),
    Unit(code="cd-kho-bac", name="Công đoàn Kho bạc Nhà nước Quảng Trị", group="trực thuộc", emails=("taichinh@gmail.example",)),
    Unit(code="cd-cuc-thue", name="Công đoàn Cục Thuế tỉnh", group="trực thuộc", emails=("taichinh@gmail.example",)),
)
GOOD = "mx.google.com; dkim=pass header.i=@gmail.example; spf=pass smtp.mailfrom=x@gmail.example; dmarc=pass header.from=gmail.example"
FORGED = "mx.google.com; spf=softfail smtp.mailfrom=x@gmail.example; dmarc=fail (p=NONE) header.from=gmail.example"


class HerePool:
    """Runs the work in this process; `deadly` names attachments whose reading kills the child."""

    def __init__(self, deadly: Sequence[str] = ()) -> None:
        self.deadly = deadly

    def submit(self, function: Callable[..., Any], /, *args: Any, seconds: float) -> Future[Any]:
        future: Future[Any] = Future()
        task: Task = args[0]
        try:
            found = function(*args)
            touched = [a.path for n, a in enumerate(found.incoming.attachments) if task.only is None or n in task.only]
            if any(path in self.deadly for path in touched):
                raise DocumentError("unreadable", "the reading process died")
            future.set_result(found)
        except DocumentError as error:
            future.set_exception(error)
        return future


def table(unit: str, members: str, phones: str, installed: str, *, day: str = "ngày 28 tháng 8 năm 2020", extra: str = "") -> str:
    """The form as an HTML file, letterhead included."""
    return (
        f"<table><tr><td><p>LIÊN ĐOÀN LAO ĐỘNG TỈNH QUẢNG TRỊ</p><p>{unit}</p></td><td>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</td></tr>"
        f"<tr><td>Số: 12/BC-CĐ</td><td>Quảng Trị, {day}</td></tr></table><p>BÁO CÁO</p><p>Về việc cài đặt ứng dụng Bluezone</p>{extra}"
        f"<table><tr><td>TT</td><td>NỘI DUNG</td><td>ĐVT (người)</td></tr>"
        f"<tr><td>1</td><td>Tổng số đoàn viên, người lao động</td><td>{members}</td></tr>"
        f"<tr><td>2</td><td>Số đoàn viên, người lao động có điện thoại thông minh</td><td>{phones}</td></tr>"
        f"<tr><td></td><td>Số đoàn viên, người lao động đã cài đặt Bluezone</td><td>{installed}</td></tr></table>"
    )


def mail(
    sender: str = "camlo@gmail.example",
    *files: tuple[str, str],
    body: str = "Gửi báo cáo ạ.",
    subject: str = "Báo cáo Bluezone",
    message_id: str | None = None,
    results: str = GOOD,
    headers: Sequence[tuple[str, str]] = (),
) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["Authentication-Results"] = results
    message["From"] = sender
    message["To"] = "bancongtac@baocao.example"
    message["Subject"] = subject
    message["Date"] = FRIDAY
    message["Message-ID"] = message_id or f"<{abs(hash((sender, files, body, subject, results)))}@gmail.example>"
    for name, value in headers:
        message[name] = value
    message.set_content(body)
    for name, text in files:
        message.add_attachment(text.encode(), maintype="text", subtype="html", filename=name)
    return message.as_bytes()


class House:
    """A store with a registry, and what happens to mails put into it."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self.sessions = sessions
        self.uid = 0
        with sessions.begin() as session:
            import_units(session, UNITS, now=NOW)

    def reader(self, pool: HerePool | None = None, admission: AdmissionConfig | None = None) -> Reader:
        return Reader(
            sessions=self.sessions,
            pool=pool or HerePool(),
            forms=(builtin_form("bluezone"),),
            organisation=OrganisationConfig(),
            admission=admission or AdmissionConfig(),
            limits=LimitsConfig(),
            clock=lambda: NOW,
            own_addresses=frozenset(("bancongtac@baocao.example",)),
        )

    def put(self, raw: bytes, at: datetime = NOW) -> int:
        self.uid += 1
        arrival = Arrival(account="chinh", folder="INBOX", uidvalidity=1, uid=self.uid, raw=raw, arrived_at=at)
        with self.sessions.begin() as session:
            return record_message(session, arrival, now=NOW).id

    def take(self, raw: bytes, **kwargs: Any) -> tuple[Processed, MessageDetails]:
        ledger_id = self.put(raw)
        (processed,) = self.reader(**kwargs).read_pending()
        return processed, self.details(ledger_id)

    def details(self, ledger_id: int) -> MessageDetails:
        with self.sessions() as session:
            found = message_details(session, ledger_id)
        assert found is not None
        return found

    def accepted(self) -> list[tuple[str, str, dict[str, int]]]:
        with self.sessions() as session:
            return [(r.unit, str(r.period), dict(r.values)) for r in accepted_reports(session, "bluezone")]

    def replies(self) -> int:
        with self.sessions() as session:
            return len(list_outbox(session))


@pytest.fixture
def house(sessions: sessionmaker[Session]) -> House:
    return House(sessions)


def codes(details: MessageDetails) -> set[str]:
    return {f.code for f in details.findings} | {f.code for r in details.reports for f in r.findings}


CAM_LO = ("ldld-cam-lo", "2020-W35", {"members": 1950, "smartphone_users": 1480, "installed": 1190})


def test_a_filled_form_becomes_a_report_with_evidence_and_one_reply(house: House) -> None:
    processed, details = house.take(mail("camlo@gmail.example", ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", "1.190"))))
    assert processed.outcome is Outcome.ACCEPTED
    assert house.accepted() == [CAM_LO]
    (evidence,) = details.reports[0].evidence["members"]
    assert (evidence.document, evidence.raw) == ("bc.html", "1.950")
    assert house.replies() == 1


def test_nothing_is_stored_when_the_reply_cannot_be_written(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: Any) -> None:
        raise RuntimeError("a template is broken")

    ledger_id = house.put(mail("camlo@gmail.example", ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", "1.190"))))
    with monkeypatch.context() as patched:
        patched.setattr(letters, "reply", broken)
        attempt = house.reader().read_pending(limit=1)
        assert next(attempt).failure is not None
        attempt.close()
        assert house.accepted() == []
        assert house.details(ledger_id).message.state == "received"
    assert [p.outcome for p in house.reader().read_pending()] == [Outcome.ACCEPTED]


def test_a_poison_mail_is_quarantined_after_three_attempts_and_the_next_one_is_read(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    poison = house.put(mail("camlo@gmail.example", subject="doc"))
    house.put(mail("huonghoa@gmail.example", ("bc.html", table("LĐLĐ HUYỆN HƯỚNG HOÁ", "3.308", "3.065", "2.337"))))
    genuine = letters.reply

    def choosy(**given: Any) -> Any:
        if given["incoming"].subject == "doc":
            raise RuntimeError("poison")
        return genuine(**given)

    monkeypatch.setattr(letters, "reply", choosy)
    passes = [[p.outcome for p in house.reader().read_pending()] for _ in range(3)]
    assert passes == [[None, Outcome.ACCEPTED], [None], [Outcome.NEEDS_REVIEW]]
    assert house.details(poison).message.quarantined


def test_a_poison_mail_is_tried_to_its_end_in_one_pass_when_asked(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: Any) -> None:
        raise RuntimeError("poison")

    house.put(mail("camlo@gmail.example"))
    monkeypatch.setattr(letters, "reply", broken)
    assert [p.outcome for p in house.reader().read_pending(again=True)] == [None, None, Outcome.NEEDS_REVIEW]


def test_a_document_that_kills_its_reader_costs_only_itself_and_holds_the_mail(house: House) -> None:
    files = (("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", "1.190")), ("bom.html", "<p>x</p>"))
    processed, details = house.take(mail("camlo@gmail.example", *files), pool=HerePool(deadly=["bom.html"]))
    assert processed.outcome is Outcome.NEEDS_REVIEW
    assert [(f.path, f.code) for f in details.failures] == [("bom.html", "unreadable")]
    assert details.reports[0].values == CAM_LO[2]
    assert house.accepted() == []


def test_two_documents_that_disagree_go_to_a_human(house: House) -> None:
    files = (
        ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", "1.190")),
        ("scan.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", "1.160")),
    )
    processed, details = house.take(mail("camlo@gmail.example", *files))
    assert processed.outcome is Outcome.NEEDS_REVIEW
    assert "witnesses_disagree" in codes(details)
    assert house.accepted() == []


def test_body_and_document_that_agree_are_one_report(house: House) -> None:
    body = "Tổng số đoàn viên: 1950\nSố có điện thoại thông minh: 1480\nSố đã cài đặt Bluezone: 1190"
    raw = mail("camlo@gmail.example", ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", "1.190")), body=body)
    processed, details = house.take(raw)
    assert processed.outcome is Outcome.ACCEPTED
    assert len(details.reports) == 1
    assert len(details.reports[0].evidence["members"]) == 2


def test_the_same_figures_in_a_new_mail_are_a_duplicate(house: House) -> None:
    report = ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", "1.190"))
    house.take(mail("camlo@gmail.example", report))
    processed, _ = house.take(mail("camlo@gmail.example", report, subject="Gửi lại"))
    assert processed.outcome is Outcome.DUPLICATE
    assert house.accepted() == [CAM_LO]


def test_a_correction_of_the_unit_supersedes_and_both_stay(house: House) -> None:
    _, first = house.take(mail("camlo@gmail.example", ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", "1.190"))))
    note = "<p>(thay thế Báo cáo số 12/BC-CĐ)</p>"
    processed, second = house.take(
        mail("camlo@gmail.example", ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", "1.200", extra=note)))
    )
    assert processed.outcome is Outcome.ACCEPTED
    assert house.accepted()[0][2]["installed"] == 1200
    assert house.details(first.message.id).reports[0].status is ReportStatus.SUPERSEDED
    assert second.reports[0].supersedes == first.reports[0].id


def test_a_stranger_fills_a_gap_but_never_supersedes_a_registered_sender(house: House) -> None:
    stranger = "chimxanh95@gmail.example"
    filled, details = house.take(mail(stranger, ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", "1.190"))))
    assert filled.outcome is Outcome.ACCEPTED_WITH_WARNINGS
    assert "unknown_sender" in codes(details)
    house.take(mail("camlo@gmail.example", ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.951", "1.480", "1.190"))))
    again, _ = house.take(mail(stranger, ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.999", "1.480", "1.190"))))
    assert again.outcome is Outcome.NEEDS_REVIEW
    assert house.accepted()[0][2]["members"] == 1951


def test_unknown_senders_can_be_held_by_configuration(house: House) -> None:
    raw = mail("chimxanh95@gmail.example", ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", "1.190")))
    processed, _ = house.take(raw, admission=AdmissionConfig(unknown_senders="hold"))
    assert processed.outcome is Outcome.NEEDS_REVIEW
    assert house.accepted() == []


def test_a_failed_authentication_is_held_and_gets_no_reply(house: House) -> None:
    raw = mail("camlo@gmail.example", ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", "1.190")), results=FORGED)
    processed, details = house.take(raw)
    assert processed.outcome is Outcome.NEEDS_REVIEW
    assert "unauthenticated" in codes(details)
    assert (house.accepted(), house.replies()) == ([], 0)


def test_another_units_letterhead_from_a_registered_sender_is_held(house: House) -> None:
    processed, details = house.take(mail("camlo@gmail.example", ("bc.html", table("LĐLĐ HUYỆN HƯỚNG HÓA", "1.950", "1.480", "1.190"))))
    assert processed.outcome is Outcome.NEEDS_REVIEW
    assert "unit_mismatch" in codes(details)


def test_a_machine_that_carries_a_valid_form_is_ingested_and_not_answered(house: House) -> None:
    report = ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", "1.190"))
    processed, _ = house.take(mail("camlo@gmail.example", report, headers=[("Auto-Submitted", "auto-generated")]))
    assert processed.outcome is Outcome.ACCEPTED
    assert (house.accepted(), house.replies()) == ([CAM_LO], 0)


def test_a_machine_without_a_form_is_ignored(house: House) -> None:
    processed, _ = house.take(mail("camlo@gmail.example", body="Tổng số đoàn viên: 5", headers=[("Auto-Submitted", "auto-replied")]))
    assert processed.outcome is Outcome.IGNORED
    assert house.replies() == 0


def test_one_mail_may_report_for_every_unit_its_address_is_registered_for(house: House) -> None:
    files = (
        ("kb.html", table("CÔNG ĐOÀN KHO BẠC NHÀ NƯỚC QUẢNG TRỊ", "155", "140", "129")),
        ("thue.html", table("CÔNG ĐOÀN CỤC THUẾ TỈNH", "424", "377", "311")),
    )
    processed, _ = house.take(mail("taichinh@gmail.example", *files))
    assert processed.outcome is Outcome.ACCEPTED
    assert [unit for unit, _, _ in house.accepted()] == ["cd-cuc-thue", "cd-kho-bac"]


def test_reading_in_two_passes_changes_nothing(house: House) -> None:
    house.take(mail("camlo@gmail.example", ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", "1.190"))))
    assert list(house.reader().read_pending()) == []
    assert (house.accepted(), house.replies()) == ([CAM_LO], 1)


def test_what_was_claimed_and_not_read_is_given_back_when_reading_stops(house: House) -> None:
    for n in range(20):
        house.put(mail("camlo@gmail.example", body=f"Xin hỏi lần {n}"))
    reading: Iterator[Processed] = house.reader().read_pending()
    next(reading)
    reading.close()  # type: ignore[attr-defined]
    with house.sessions() as session:
        counts = count_messages(session)
    assert counts.reading == 0
    assert counts.received >= 10  # beside the one that was given out, only those went through that were committed with it


class Interrupted(Future[Any]):
    """A reading that is not over before it is asked for; then something happens first."""

    def __init__(self, first: Callable[[], object], then: Future[Any]) -> None:
        super().__init__()
        self._first, self._then = first, then

    def result(self, timeout: float | None = None) -> Any:
        self._first()
        return self._then.result(timeout)


def test_a_unit_that_is_merged_while_its_mail_is_read_gets_no_report_any_more(house: House) -> None:
    house.put(mail("huonghoa@gmail.example", ("bc.html", table("LĐLĐ HUYỆN HƯỚNG HÓA", "4.000", "3.000", "2.000"))))
    late = house.put(mail("camlo@gmail.example", ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", "1.190"))))
    registrar = Registrar(sessions=house.sessions, who="Lan", now=NOW + timedelta(minutes=1))

    class Pool(HerePool):
        def submit(self, function: Callable[..., Any], /, *args: Any, seconds: float) -> Future[Any]:
            done = super().submit(function, *args, seconds=seconds)
            return Interrupted(lambda: registrar.merge("ldld-cam-lo", "cd-cuc-thue"), done) if b"camlo" in args[0].raw else done

    assert len(list(house.reader(pool=Pool()).read_pending())) == 2
    assert [report.unit for report in house.details(late).reports] == ["cd-cuc-thue"]
    assert sorted(unit for unit, _, _ in house.accepted()) == ["cd-cuc-thue", "ldld-huong-hoa"]


def test_a_report_is_judged_by_what_came_just_before_it_although_both_are_committed_together(house: House) -> None:
    house.put(mail("camlo@gmail.example", ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", "1.190"))))
    house.put(mail("camlo@gmail.example", ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", "1.190")), body="Gửi lại ạ."))
    assert [p.outcome for p in house.reader().read_pending()] == [Outcome.ACCEPTED, Outcome.DUPLICATE]


def test_a_mail_that_fails_in_the_middle_takes_nothing_from_those_committed_around_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = letters.reply

    def failing(**kwargs: Any) -> Any:
        if "lần 2" in kwargs["incoming"].own_text:
            raise ValueError("this one always fails")
        return written(**kwargs)

    monkeypatch.setattr(letters, "reply", failing)
    ids = [house.put(mail("camlo@gmail.example", body=f"Xin hỏi lần {n}")) for n in range(5)]
    read = list(house.reader().read_pending())
    assert [p.ledger_id for p in read] == ids
    assert [p.outcome is None for p in read] == [False, False, True, False, False]
    assert house.replies() == sum(p.reply is not None for p in read) == 4


def test_the_week_of_a_report_is_the_week_its_letter_was_dated(house: House) -> None:
    old = table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", "1.190", day="ngày 20 tháng 8 năm 2020")
    processed, details = house.take(mail("camlo@gmail.example", ("bc.html", old)))
    assert processed.outcome is Outcome.ACCEPTED_WITH_WARNINGS
    assert details.reports[0].period == Period(2020, 34)
    assert "late" in codes(details)


def test_an_address_gets_ten_answers_a_day_and_all_its_mail_is_read(house: House) -> None:
    for n in range(12):
        house.put(mail("camlo@gmail.example", ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", f"1.95{n % 10}", "1.480", f"{1000 + n}"))))
    assert len(list(house.reader().read_pending())) == 12
    assert house.replies() == 10
    house.put(mail("camlo@gmail.example", body="Xin hỏi hôm sau"), at=NOW + timedelta(days=1, minutes=1))
    list(house.reader().read_pending())
    assert house.replies() == 11


def test_answers_that_only_say_what_was_wrong_are_fewer(house: House) -> None:
    for n in range(8):
        house.put(mail("camlo@gmail.example", body=f"Xin hỏi lần {n}"))
    list(house.reader().read_pending())
    assert house.replies() == 4
    house.take(mail("camlo@gmail.example", ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", "1.190"))))
    assert house.replies() == 5, "a report still gets its receipt"


def test_a_machine_that_answers_our_answers_from_ever_new_addresses_is_stopped_by_its_thread(house: House) -> None:
    last = ""
    for n in range(10):
        report = ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", f"{1000 + n}"))
        headers = [("In-Reply-To", last)] if last else []  # it names our last answer, and nothing else of the thread
        processed, _ = house.take(mail(f"ticket+{n}@gmail.example", report, headers=headers, message_id=f"<{n}@may.example>"))
        last = processed.reply.message_id if processed.reply else last
    assert house.replies() == 6


def test_units_that_answer_the_same_circular_each_get_their_receipt(house: House) -> None:
    circular = [("In-Reply-To", "<597@qt.example>"), ("References", "<597@qt.example>")]
    for n in range(12):
        report = ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", f"{1000 + n}"))
        house.put(mail(f"canbo{n}@gmail.example", report, headers=circular, message_id=f"<{n}@gmail.example>"))
    list(house.reader().read_pending())
    assert house.replies() == 12


def test_our_own_mail_come_back_by_a_list_is_told_by_its_message_id(house: House) -> None:
    processed, _ = house.take(mail("camlo@gmail.example", ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", "1.190"))))
    assert processed.reply is not None
    report = ("bc.html", table("LĐLĐ HUYỆN HƯỚNG HÓA", "3.308", "3.065", "2.337"))
    echo, details = house.take(mail("huonghoa@gmail.example", report, message_id=processed.reply.message_id))
    assert (echo.outcome, details.message.automatic) == (Outcome.IGNORED, "own")
    assert house.replies() == 1


def test_a_registered_address_that_nothing_proves_is_held_and_answered_without_figures(house: House) -> None:
    raw = mail(
        "camlo@gmail.example",
        ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", "1.190")),
        results="mx.google.com; spf=softfail smtp.mailfrom=camlo@gmail.example; dkim=none",
    )
    processed, details = house.take(raw)
    assert processed.outcome is Outcome.NEEDS_REVIEW and "unauthenticated" in codes(details)
    assert house.accepted() == []
    assert processed.reply is not None and "1.190" not in processed.reply.content.text
    assert "1.190" not in (processed.reply.content.html or "")


def test_an_office_without_spf_and_dkim_may_choose_to_trust_the_address(house: House) -> None:
    raw = mail(
        "camlo@gmail.example",
        ("bc.html", table("LĐLĐ HUYỆN CAM LỘ", "1.950", "1.480", "1.190")),
        results="mx.google.com; spf=none smtp.mailfrom=camlo@gmail.example",
    )
    processed, _ = house.take(raw, admission=AdmissionConfig(unproven_senders="accept"))
    assert (processed.outcome, house.accepted()) == (Outcome.ACCEPTED, [CAM_LO])
