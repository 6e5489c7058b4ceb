from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from lxml import html as lxml_html

from mailbox_ingest.config import OrganisationConfig
from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.model import (
    AuthResult,
    DocumentFailure,
    Evidence,
    Finding,
    Mailbox,
    Outcome,
    ReportStatus,
    SenderAuthentication,
    Severity,
)
from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.render.letters.letters import decision
from mailbox_ingest.render.templates import Templates


def words(html: str) -> str:
    tree = lxml_html.fromstring(html)
    for extra in tree.xpath("//style|//title"):
        extra.getparent().remove(extra)
    return " ".join(" ".join(tree.itertext()).split()).replace(" .", ".").replace(" :", ":").replace(" ,", ",")


def finding(code: str, severity: Severity = Severity.ERROR, message: str = "Thông báo", field: str | None = None) -> Finding:
    return Finding(code=code, severity=severity, message=message, field=field)


def test_an_accepted_report_is_confirmed_with_every_figure_its_week_and_its_change(write, judged) -> None:
    letter = write(judged())

    assert letter.subject == "Re: Báo cáo tuần 35"
    for said in (letter.text, words(letter.html)):
        assert "Kính gửi: LĐLĐ huyện Vĩnh Linh" in said
        assert "tuần 35 (24/8–30/8/2020)" in said
        assert "4.215" in said and "3.480" in said and "3.102" in said
        assert "+15 (+0,4%)" in said  # members against week 34
        assert "không đổi" in said  # smartphones
        assert "89,1%" in said and "+9,7 điểm %" in said  # installed rate
        assert "o với tuần 34" in said
        assert "Đúng hạn (hạn: 17:00 thứ Sáu, 28/8/2020)" in said
        assert "Kỳ báo cáo tiếp theo: tuần 36 (31/8–6/9/2020), hạn 17:00 thứ Sáu, 4/9/2020" in said


def test_a_late_report_is_told_by_how_much(write, judged) -> None:
    letter = write(judged(on_time=False), arrived_at=datetime(2020, 8, 30, 19, 0, tzinfo=LOCAL_ZONE))

    assert "Muộn 2 ngày 2 giờ so với hạn (17:00 thứ Sáu, 28/8/2020)" in letter.text


def test_text_and_html_say_the_same_numbers(write, judged) -> None:
    letter = write(judged())

    for figure in ("4.215", "3.480", "3.102", "82,6%", "89,1%"):
        assert letter.text.count(figure) == words(letter.html).count(figure) == 1


def test_a_subject_that_already_is_a_reply_gets_no_second_re(write, judged, incoming) -> None:
    for theirs in ("Re: Báo cáo tuần 35", "RE:Báo cáo tuần 35", "re[2]: Re: Báo cáo tuần 35", "Trả lời: Báo cáo tuần 35"):
        assert write(judged(), mail=replace(incoming, subject=theirs)).subject == "Re: Báo cáo tuần 35"


def test_a_hostile_subject_stays_one_header_line(write, judged, incoming) -> None:
    letter = write(judged(), mail=replace(incoming, subject="Báo cáo\r\nBcc: all@example.com\x00\u202e" + "x" * 900))

    assert "\n" not in letter.subject and "\r" not in letter.subject and "\u202e" not in letter.subject
    assert len(letter.subject) < 260


def test_a_mail_without_a_subject_still_gets_one(write, judged, incoming) -> None:
    assert write(judged(), mail=replace(incoming, subject=" \n")).subject == "Re: (thư không có tiêu đề)"


def test_markup_from_outside_is_escaped_in_html_and_kept_in_text(write, judged) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=1>"
    letter = write(
        judged(status=ReportStatus.REJECTED, findings=(finding("not_a_number", message=hostile, field="installed"),)),
        outcome=Outcome.REJECTED,
        failures=(DocumentFailure(path=f"{hostile}.docx\n\nHãy gửi lại cho kẻ khác", code="unreadable"),),
    )

    assert not lxml_html.fromstring(letter.html).xpath("//script|//img")
    assert "&lt;script&gt;" in letter.html
    assert "\nHãy gửi lại" not in letter.text


def test_a_wrong_figure_is_named_with_what_was_read_and_how_to_mend_it(write, judged) -> None:
    evidence = Evidence(document="BC tuần 35.docx", place="bảng 1, dòng 4", raw="ba trăm rưỡi", method="table")
    wrong = Finding(code="not_a_number", severity=Severity.ERROR, message="Số liệu không phải là số", field="installed", evidence=evidence)
    letter = write(
        judged(status=ReportStatus.REJECTED, values={"members": 4215, "smartphone_users": 3480}, findings=(wrong,)),
        outcome=Outcome.REJECTED,
    )

    for said in (letter.text, words(letter.html)):
        assert "chưa ghi nhận được" in said
        assert "Số đã cài đặt Bluezone: chưa có" in said or "Số đã cài đặt Bluezone chưa có" in said
        assert "Số liệu không phải là số." in said
        assert "BC tuần 35.docx, bảng 1, dòng 4: “ba trăm rưỡi”" in said
        assert "ghi bằng chữ số" in said
        assert "Cách gửi lại" in said and "Trả lời thư này" in said
        assert "so với tuần 34" not in said.lower()
        assert "89,1%" not in said


def test_a_part_larger_than_its_whole_is_explained_with_the_forms_own_words(write, judged) -> None:
    wrong = finding("installed_exceeds_smartphones", message="Số đã cài lớn hơn số có điện thoại", field="installed")
    letter = write(judged(status=ReportStatus.REJECTED, findings=(wrong,)), outcome=Outcome.REJECTED)

    assert "“Số đã cài đặt Bluezone” phải nhỏ hơn hoặc bằng “Số có điện thoại thông minh”" in letter.text


def test_a_warning_is_put_as_a_question(write, judged) -> None:
    doubt = finding("percentage_mismatch", Severity.WARNING, "Báo cáo ghi 95% nhưng tính ra 89,1%", "installed")
    letter = write(judged(status=ReportStatus.ACCEPTED_WITH_WARNINGS, findings=(doubt,)), outcome=Outcome.ACCEPTED_WITH_WARNINGS)

    for said in (letter.text, words(letter.html)):
        assert "Đề nghị đơn vị xác nhận:" in said
        assert "xin cho biết số nào đúng?" in said
        assert "“thay thế”" in said


def test_an_unregistered_sender_sees_only_the_figures_he_sent(write, judged, incoming) -> None:
    stranger = replace(incoming, sender=Mailbox(email="someone@gmail.example"))
    told = finding("large_change", Severity.WARNING, "Tuần 34 đơn vị báo 2.764", "installed")
    letter = write(
        judged(status=ReportStatus.ACCEPTED_WITH_WARNINGS, findings=(told,), supersedes=1),
        outcome=Outcome.ACCEPTED_WITH_WARNINGS,
        registered=False,
        mail=stranger,
    )

    for said in (letter.text, words(letter.html)):
        assert "3.102" in said
        assert "2.764" not in said and "tuần 34" not in said and "thay thế báo cáo" not in said
        assert "Kính gửi: Quý đơn vị" in said


def test_a_unit_that_sends_for_another_unit_does_not_see_that_units_earlier_figures(write, judged) -> None:
    letter = write(judged(unit="cdn-y-te"))

    assert "tuần 34" not in letter.text
    assert "Công đoàn ngành Y tế" in letter.text


def test_a_sender_whose_authentication_failed_is_told_nothing_of_earlier_weeks(write, judged, incoming) -> None:
    forged = replace(incoming, authentication=SenderAuthentication(result=AuthResult.FAIL))

    assert "tuần 34" not in write(judged(), mail=forged).text


def test_a_held_mail_is_acknowledged_without_figures_or_accusations(write, judged) -> None:
    findings = (
        finding("unauthenticated", Severity.WARNING, "Thư có dấu hiệu giả mạo"),
        finding("unit_mismatch", Severity.WARNING, "Tên đơn vị không khớp người gửi"),
    )
    letter = write(judged(status=ReportStatus.NEEDS_REVIEW, findings=findings), outcome=Outcome.NEEDS_REVIEW, findings=findings)

    for said in (letter.text, words(letter.html)):
        assert "đang được kiểm tra" in said and "số liệu chưa được ghi nhận" in said
        assert "4.215" not in said and "giả mạo" not in said and "không khớp" not in said


def test_the_unit_itself_may_help_while_its_mail_is_held(write, judged) -> None:
    doubt = finding("witnesses_disagree", Severity.ERROR, "Bản Word và bản scan có số khác nhau", "installed")
    letter = write(judged(status=ReportStatus.NEEDS_REVIEW, findings=(doubt,)), outcome=Outcome.NEEDS_REVIEW)

    assert "Bản Word và bản scan có số khác nhau." in letter.text
    assert (
        "Bản Word"
        not in write(judged(status=ReportStatus.NEEDS_REVIEW, findings=(doubt,)), outcome=Outcome.NEEDS_REVIEW, registered=False).text
    )


@pytest.mark.parametrize(
    ("code", "advice"),
    [("encrypted", "bỏ mật khẩu"), ("unreadable", "lưu thành Word"), ("too_large", "nhỏ hơn"), ("unsupported", "Word, Excel hoặc PDF")],
)
def test_a_file_that_cannot_be_read_is_named_with_what_to_do(write, code: str, advice: str) -> None:
    letter = write(
        outcome=Outcome.REJECTED,
        findings=(finding(code, message="không đọc được tệp"),),
        failures=(DocumentFailure(path="bao-cao.zip/BC tuần 35.docx", code=code),),
    )

    for said in (letter.text, words(letter.html)):
        assert "bao-cao.zip/BC tuần 35.docx" in said and advice in said
        assert "không đọc được tệp" not in said  # said once, by the file's own line


def test_a_file_finding_without_its_failure_is_still_told(write) -> None:
    letter = write(outcome=Outcome.REJECTED, findings=(finding("encrypted", message="Tệp BC.pdf có mật khẩu"),))

    assert "Tệp BC.pdf có mật khẩu." in letter.text and "bỏ mật khẩu" in letter.text


def test_a_duplicate_is_said_to_have_been_received_before(write, judged) -> None:
    letter = write(judged(status=ReportStatus.DUPLICATE), outcome=Outcome.DUPLICATE)

    for said in (letter.text, words(letter.html)):
        assert "đã nhận trước đó" in said and "không ghi nhận lại" in said


def test_who_was_overtaken_by_a_later_mail_hears_which_figures_are_used(write, judged) -> None:
    letter = write(judged(status=ReportStatus.SUPERSEDED, findings=(finding("overtaken", Severity.INFO),)))

    for said in (letter.text, words(letter.html)):
        assert "số liệu gửi sau đang được sử dụng" in said and "được lưu để đối chiếu" in said
        assert "đã ghi nhận" not in said.lower() and "so với" not in said


def test_several_reports_in_one_mail_are_answered_one_by_one(write, judged) -> None:
    bad = judged(
        period=Period(2020, 34), status=ReportStatus.REJECTED, previous=None, findings=(finding("missing_value", field="installed"),)
    )
    letter = write(judged(), bad, outcome=Outcome.REJECTED)

    for said in (letter.text, words(letter.html)):
        assert "tuần 35 (24/8–30/8/2020)" in said and "tuần 34 (17/8–23/8/2020)" in said
        assert "đã ghi nhận" in said and "chưa ghi nhận được" in said
        assert "Báo cáo đã ghi nhận không cần gửi lại" in said


def test_a_letter_is_small_and_asks_nothing_of_the_network(write, judged) -> None:
    html = write(judged()).html

    assert len(html.encode()) < 100_000
    assert "http:" not in html and "https:" not in html and "url(" not in html
    assert 'name="color-scheme"' in html and "prefers-color-scheme: dark" in html
    assert 'style="' in html  # styles are inline for clients that drop <style>


def test_a_decision_to_accept_confirms_the_figures(judged, form, units) -> None:
    letter = decision(
        subject="Re: Báo cáo tuần 35",
        sender="vinhlinh@gmail.example",
        arrived_at=datetime(2020, 8, 27, 9, 0, tzinfo=LOCAL_ZONE),
        reports=(judged(),),
        accepted=True,
        reason="",
        forms={form.name: form},
        units=units,
        organisation=OrganisationConfig(),
        sender_registered=True,
    )

    assert letter.subject == "Re: Báo cáo tuần 35"
    assert "đã được kiểm tra và ghi nhận" in letter.text and "3.102" in letter.text


def test_a_decision_to_reject_gives_the_reason_and_never_goes_without_one(judged, form, units) -> None:
    def decide(reason: str) -> str:
        return decision(
            subject="Báo cáo",
            sender="vinhlinh@gmail.example",
            arrived_at=datetime(2020, 8, 27, 9, 0, tzinfo=LOCAL_ZONE),
            reports=(judged(status=ReportStatus.REJECTED),),
            accepted=False,
            reason=reason,
            forms={form.name: form},
            units=units,
            organisation=OrganisationConfig(),
            sender_registered=True,
        ).text

    assert "Bản scan bị mất trang 2." in decide("Bản scan bị mất trang 2")
    with pytest.raises(ValueError, match="reason"):
        decide("  ")


def test_an_ignored_mail_gets_no_letter(write) -> None:
    with pytest.raises(ValueError, match="no reply"):
        write(outcome=Outcome.IGNORED)


def test_an_operators_own_template_wins_and_a_name_it_invents_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "reply-accepted"
    folder.mkdir()
    for name in ("subject.txt", "body.txt", "body.html"):
        (folder / name).write_text("{{ letter.no_such_thing }}", encoding="utf-8")

    with pytest.raises(ConfigurationError, match="no_such_thing") as caught:
        Templates(tmp_path).letter("reply-accepted", object())
    assert isinstance(caught.value.__cause__, UndefinedError)


def test_what_a_finding_already_says_is_not_said_twice(write, judged) -> None:
    said_all = finding(
        "not_a_number", message="Mục “Số đã cài đặt Bluezone” ghi “ba trăm”. Đề nghị ghi bằng chữ số, ví dụ 1.234.", field="installed"
    )
    letter = write(judged(status=ReportStatus.REJECTED, findings=(said_all,)), outcome=Outcome.REJECTED)

    assert letter.text.count("ghi bằng chữ số") == 1
    assert "* Mục “Số đã cài đặt Bluezone” ghi “ba trăm”." in letter.text


def test_a_scan_that_nobody_could_read_is_named_in_the_acknowledgement(write) -> None:
    scan = finding("unreadable", Severity.WARNING, "Bản quét “bc.pdf” chưa đọc được chắc chắn; cán bộ tổng hợp sẽ xem lại.")
    letter = write(outcome=Outcome.NEEDS_REVIEW, findings=(scan,))

    for said in (letter.text, words(letter.html)):
        assert "Bản quét “bc.pdf” chưa đọc được chắc chắn" in said and "lưu thành Word" in said


def test_an_address_nobody_registered_is_a_note_and_not_a_question_about_the_figures(write, judged) -> None:
    note = finding("unknown_sender", Severity.WARNING, "Địa chỉ thư này chưa được đăng ký.")
    letter = write(judged(status=ReportStatus.ACCEPTED_WITH_WARNINGS, findings=(note,)), outcome=Outcome.ACCEPTED_WITH_WARNINGS)

    assert "Địa chỉ thư này chưa được đăng ký." in letter.text
    assert "xác nhận" not in letter.text and "Xin cho biết" not in letter.text


def test_a_held_mail_asks_to_send_again_only_where_something_is_asked(write, judged) -> None:
    plain = write(judged(status=ReportStatus.NEEDS_REVIEW), outcome=Outcome.NEEDS_REVIEW).text
    unread = write(outcome=Outcome.NEEDS_REVIEW, failures=(DocumentFailure(path="a.pdf", code="unreadable"),)).text

    assert "không cần gửi lại." in plain
    assert "không cần gửi lại, trừ khi được đề nghị dưới đây." in unread


@pytest.mark.parametrize("status", list(ReportStatus))
@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.IGNORED])
def test_text_and_html_hold_the_same_figures_whatever_the_outcome(write, judged, status: ReportStatus, outcome: Outcome) -> None:
    findings = (
        finding("percentage_mismatch", Severity.WARNING, "Ghi 95%, tính ra 89,1%", "installed"),
        finding("missing_value", Severity.ERROR, "Thiếu mục 7", "members"),
        finding("note", Severity.INFO, "Đọc 2 tệp"),
    )
    letter = write(
        judged(status=status, findings=findings),
        judged(period=Period(2020, 34), status=ReportStatus.ACCEPTED, previous=None),
        outcome=outcome,
        findings=findings,
        failures=(DocumentFailure(path="BC 12.pdf", code="encrypted"),),
    )

    def figures(said: str) -> set[str]:
        return set(re.findall(r"\d[\d.,/:]*\d|\d", said))

    assert figures(letter.text) - {"1", "2", "3"} == figures(words(letter.html)) - {"1", "2", "3"}  # <ol> numbers its lines itself


def test_a_mail_partly_accepted_and_partly_held_asks_for_nothing(write, judged) -> None:
    held = judged(period=Period(2020, 34), status=ReportStatus.NEEDS_REVIEW, previous=None)
    letter = write(judged(), held, outcome=Outcome.NEEDS_REVIEW)

    for said in (letter.text, words(letter.html)):
        assert "4.215" in said and "đang được kiểm tra, chưa ghi nhận số liệu" in said
        assert "Đơn vị không cần gửi lại." in said and "xin sửa" not in said
