"""The sender's own words, apart from history, forwarded headers and signatures: in plain text and in HTML."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import pytest

from mailbox_ingest.message.signatures import has_figure
from mailbox_ingest.model import IncomingMessage, Mailbox

Make = Callable[..., IncomingMessage]
NEW = "- Tổng số đoàn viên: 308\n- Có điện thoại thông minh: 256\n- Đã cài đặt: 186"
OLD = "- Tổng số đoàn viên: 309\n- Có điện thoại thông minh: 254\n- Đã cài đặt: 170"
HTML = "Content-Type: text/html; charset=utf-8"


def marked(text: str) -> str:
    return "".join(f"> {line}\n" for line in text.splitlines())


def lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


ATTRIBUTIONS = [
    "Vào Th 5, 27 thg 8, 2020 lúc 16:05 Ban CTCS <ctcs@b.example> đã viết:",
    "Vào 16:05, Th 5, 27 thg 8, 2020 Ban CTCS <ctcs@b.example> đã viết:",
    "Vào ngày 27/08/2020 16:05, Ban CTCS đã viết:",
    "On Thu, Aug 27, 2020 at 4:05 PM Ban CTCS <ctcs@b.example> wrote:",
    "On Thu, Aug 27, 2020 at 4:05 PM Ban Công tác cơ sở\n<ctcs@b.example> wrote:",
    "2020-08-27 16:05 GMT+07:00 Ban CTCS <ctcs@b.example>:",
]
BLOCKS = [
    "-----Original Message-----\nFrom: Ban CTCS\nSent: Friday, August 28, 2020 3:41 PM\nTo: b@b.example\nSubject: BC\n",
    "-------- Original message --------\nFrom: Ban CTCS <ctcs@b.example>\nDate: 28/8/2020\n",
    "-----Thư gốc-----\nTừ: Ban CTCS\nĐã gửi: 28/8/2020\n",
    "----- Tin nhắn gốc -----\n",
    "From: Ban CTCS [mailto:ctcs@b.example]\nSent: Friday, August 28, 2020 3:41 PM\nTo: b@b.example\nSubject: BC\n",
    "Từ: Ban CTCS\nĐã gửi: Thứ Sáu, 28 Tháng 8 2020 15:41\nTới: b@b.example\nChủ đề: BC\n",
    "*From:* Ban CTCS\n*Sent:* Friday, August 28, 2020 3:41 PM\n*To:* b@b.example\n*Subject:* BC\n",
    "________________________________\nTừ: Ban CTCS\nĐã gửi: 28/8/2020\nTới: b@b.example\nChủ đề: BC\n",
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
@pytest.mark.parametrize("quote", [marked, str], ids=["with marks", "without marks"])
def test_history_below_an_attribution_is_not_own(mail: Make, attribution: str, quote: Callable[[str], str]) -> None:
    read = mail(f"{NEW}\n\n{attribution}\n\n{quote(OLD)}")
    assert read.own_text == NEW
    assert "309" in read.quoted_text


@pytest.mark.parametrize("block", BLOCKS)
def test_history_below_a_header_block_is_not_own(mail: Make, block: str) -> None:
    read = mail(f"{NEW}\n\n{block}\n{OLD}\n", "Subject: Re: BC")
    assert read.own_text == NEW
    assert "309" in read.quoted_text
    assert read.authors == ()


@pytest.mark.parametrize("block", BLOCKS)
def test_history_in_html_without_any_markup_is_not_own_either(mail: Make, block: str) -> None:
    read = mail(f"<div>{lines(NEW)}</div><div>{lines(block)}</div><table><tr><td>Tổng số</td><td>309</td></tr></table>", HTML)
    assert read.own_text == NEW
    assert read.html is not None
    assert "186" in read.html
    assert "309" not in read.html


def test_answers_between_quoted_lines_are_own(mail: Make) -> None:
    read = mail("On 27/8/2020 16:05, Ban CTCS wrote:\n> Tổng số đoàn viên?\n308\n> Đã cài đặt?\n186\n")
    assert read.own_text == "308\n186"


def test_own_words_below_a_quotation_are_own(mail: Make) -> None:
    read = mail(f"Vào Th 5, 27 thg 8, 2020 lúc 16:05 X <x@b.example> đã viết:\n{marked(OLD)}\n{NEW}\n")
    assert read.own_text == NEW


def test_the_tail_of_a_quoted_line_that_slipped_down_is_not_own(mail: Make) -> None:
    """Mailers wrap long quoted lines and leave the tail without its mark: an old figure would stand there as a new one."""
    wrapped = "> - Tổng số đoàn viên công đoàn, người lao động của toàn huyện là:\n309\n> - Đã cài đặt: 170\n"
    read = mail(f"{NEW}\n\nVào 27/8/2020 16:05, X <x@b.example> đã viết:\n{wrapped}")
    assert read.own_text == NEW


def test_quoted_figures_alone_on_their_lines_are_not_own_but_a_comparison_is(mail: Make) -> None:
    assert mail("So lieu moi: 308\n\nX <x@b.example> wrote on 27/8:\n\n> 309\n> 254\n").own_text.splitlines()[0] == "So lieu moi: 308"
    assert "309" not in mail("Moi: 308\n\n> 309\n> 254\n").own_text
    assert mail("Tỷ lệ\n\n> 90 %\n\nđạt").own_text == "Tỷ lệ\n\n> 90 %\n\nđạt"


def test_a_period_written_from_to_is_no_mail_header(mail: Make) -> None:
    text = f"Báo cáo\nTừ: 15/8/2020\nĐến: 21/8/2020\n{NEW}"
    assert mail(text).own_text == text


# ---------------------------------------------------------------- forwards

FORWARD = (
    "---------- Forwarded message ---------\nTừ: Nguyễn Lan <lan@donvi.example>\nDate: Th 6, 28 thg 8, 2020 lúc 15:00\n"
    "Subject: BC\nTo: <b@b.example>\n"
)


@pytest.mark.parametrize(
    "head",
    [
        FORWARD,
        FORWARD.replace("---------- Forwarded message ---------", "---------- Thư được chuyển tiếp ---------"),
        FORWARD.replace("---------- Forwarded message ---------", "Begin forwarded message:\n"),
        FORWARD.replace("---------- Forwarded message ---------", "Tin nhắn đã chuyển tiếp"),
        FORWARD.replace("---------- Forwarded message ---------", "-------- Forwarded Message --------"),
    ],
)
def test_a_forward_is_content_and_its_author_is_named(mail: Make, head: str) -> None:
    read = mail(f"Kính chuyển.\n\n{head}\n\n{NEW}\n", "Subject: Fwd: BC")
    assert read.own_text == f"Kính chuyển.\n\n{NEW}"
    assert read.authors == (Mailbox(email="lan@donvi.example", name="Nguyễn Lan"),)


def test_a_forward_without_mark_is_content_when_the_subject_says_so_and_nothing_stands_above(mail: Make) -> None:
    block = "From: Lan <lan@donvi.example>\nSent: Friday, August 28, 2020\nTo: b@b.example\nSubject: BC\n"
    assert mail(f"{block}\n{NEW}", "Subject: FW: BC").own_text == NEW
    assert mail(f"{block}\n{NEW}", "Subject: FW: BC").authors == (Mailbox(email="lan@donvi.example", name="Lan"),)
    assert mail(f"{block}\n{NEW}", "Subject: RE: BC").own_text == ""
    assert mail(f"{NEW}\n\n{block}\n{OLD}", "Subject: FW: BC").own_text == NEW


def test_a_letter_that_begins_like_a_header_block_is_own(mail: Make) -> None:
    memo = f"Từ: CĐCS Công ty X\nGửi đến: LĐLĐ tỉnh\nNgày: 21/8/2020\nTiêu đề: Báo cáo Bluezone\n\n{NEW}"
    assert mail(memo, "Subject: Bao cao").own_text == memo
    assert mail(memo, "Subject: Re: Bao cao").own_text == ""


def test_our_own_receipt_forwarded_back_is_no_report(mail: Make) -> None:
    receipt = FORWARD.replace("lan@donvi.example", "ctcs@b.example") + f"\nĐã nhận báo cáo:\n{OLD}"
    ours = frozenset({"ctcs@b.example"})
    read = mail(f"Số này đúng chưa ạ?\n\n{receipt}", "Subject: Fwd: BC", own_addresses=ours)
    assert read.own_text == "Số này đúng chưa ạ?"
    outlook = "From: Ban CTCS [mailto:ctcs@b.example]\nSent: Friday\nTo: x\nSubject: BC\n"
    assert mail(f"{outlook}\n{OLD}", "Subject: FW: BC", own_addresses=ours).own_text == ""
    assert mail(f"{outlook}\n{OLD}", "Subject: FW: BC", "Delivered-To: ctcs@b.example").own_text == ""


def test_history_inside_a_forward_is_history(mail: Make) -> None:
    inner = f"{NEW}\n\nVào Th 5, 27 thg 8, 2020 lúc 16:05 X <x@b.example> đã viết:\n{marked(OLD)}"
    assert mail(f"{FORWARD}\n{inner}", "Subject: Fwd: BC").own_text == NEW


# ---------------------------------------------------------------- html


def test_gmail_quotation_goes_and_the_table_stays(mail: Make) -> None:
    own = "<table><tr><td>Tổng số</td><td>308</td></tr></table>"
    head = "Vào Th 5, 27 thg 8, 2020 vào lúc 16:05 X &lt;<a href='mailto:x@y'>x@y.example</a>&gt; đã viết:<br>"
    quoted = f"<div class=gmail_quote><div class=gmail_attr>{head}</div><blockquote class=gmail_quote>{lines(OLD)}</blockquote></div>"
    read = mail(f"<div dir=ltr>{own}<br>{quoted}</div>", HTML)
    assert read.own_text == "Tổng số\t308"
    assert read.html is not None
    assert own in read.html
    assert "309" not in read.html


def test_a_gmail_forward_keeps_its_table(mail: Make) -> None:
    head = f"<div class=gmail_attr>{lines(FORWARD)}</div>"
    read = mail(f"<div class=gmail_quote>{head}<table><tr><td>Tổng số</td><td>308</td></tr></table></div>", HTML, "Subject: Fwd: BC")
    assert read.own_text == "Tổng số\t308"
    assert read.authors[0].email == "lan@donvi.example"


def test_cited_blocks_go_and_indented_ones_stay(mail: Make) -> None:
    assert mail("<p>308</p><blockquote type=cite><p>309</p></blockquote><p>256</p>", HTML).own_text == "308\n\n256"
    assert mail("<div>Số:<blockquote style='margin:0 0 0 40px'>308</blockquote></div>", HTML).own_text == "Số:\n308"


def test_columns_of_a_table_do_not_shift_when_lines_are_taken_out(mail: Make) -> None:
    table = "<table><tr><td></td><td>Tổng số</td><td>308</td></tr></table>"
    read = mail(f"{table}<blockquote type=cite>309</blockquote>", HTML)
    assert read.html is not None
    assert "<tr><td></td><td>Tổng số</td><td>308</td></tr>" in read.html


def test_when_only_one_of_two_bodies_shows_its_history_the_other_is_not_believed(multipart: Make) -> None:
    plain = ("Content-Type: text/plain; charset=utf-8", f"{NEW}\n{OLD}")
    rich = (HTML, f"<div>{lines(NEW)}</div><blockquote type=cite>{lines(OLD)}</blockquote>")
    assert multipart(plain, rich, subtype="alternative").own_text == NEW
    plain = ("Content-Type: text/plain; charset=utf-8", f"{NEW}\n\n{BLOCKS[0]}\n{OLD}")
    rich = (HTML, f"<div>{lines(NEW)}</div><div>{lines(OLD)}</div>")
    read = multipart(plain, rich, subtype="alternative")
    assert (read.own_text, read.html) == (NEW, None)


# ---------------------------------------------------------------- flowed and signatures


def test_flowed_text_is_joined_where_it_was_broken(mail: Make) -> None:
    flowed = "Tổng số đoàn viên, người lao \nđộng: 544 người\n> cu \n> hon: 1\n-- \nLan\n"
    read = mail(flowed, "Content-Type: text/plain; charset=utf-8; format=flowed")
    assert read.own_text == "Tổng số đoàn viên, người lao động: 544 người"
    assert (read.quoted_text, read.signature) == ("> cu hon: 1", "-- \nLan".replace("-- ", "--"))
    assert mail("1 \n2", "Content-Type: text/plain; format=flowed; delsp=yes").own_text == "12"


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nNguyễn Văn A\nLĐLĐ huyện Cam Lộ\nĐT: 0233.3513.537 - DĐ: 0946.649.293",
        "--\nNguyễn Văn A",
        "Gửi từ iPhone của tôi",
        "Sent from my iPhone",
        "Được gửi từ iPhone của tôi",
        "Sent from Yahoo Mail on Android",
        "Gửi từ Outlook cho Android",
        "Nguyễn Văn A\nChủ tịch\nĐT: 0914 205 038\nEmail: a@b.example",
        "Cáp Đức Hải - 0963.166.353",
        "Nguyễn Văn A\nĐịa chỉ: 45 Hùng Vương, Đông Hà\nDĐ: 0914205038",
    ],
)
def test_signatures_are_set_apart(mail: Make, signature: str) -> None:
    read = mail(f"{NEW}\n\n{signature}\n")
    assert read.own_text == NEW
    assert read.signature.split() == signature.split()


@pytest.mark.parametrize(
    "ending",
    [
        "--\nTổng số: 308\nĐã cài: 186",
        "01 2.733 2.476 1.712",
        "Tổng 308, có máy 256, đã cài 186. Liên hệ 0914.205.038",
        "Đã cài: 186 (ĐT liên hệ: 0914.205.038)",
    ],
)
def test_no_figure_goes_into_a_signature(mail: Make, ending: str) -> None:
    text = f"Kính gửi Ban CTCS\n\n{ending}"
    assert mail(text).own_text == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ĐT: 0233.3513.537 - DĐ: 0946.649.293", False),
        ("Công văn 597/LĐLĐ-CTCS ngày 14/8/2020", False),
        ("Đã cài: 186", True),
        ("01 2.733 2.476 1.712", True),
        ("Điện thoại thông minh: 256", True),
        ("Số điện thoại: 0914205038", False),
        ("Trân trọng", False),
    ],
)
def test_figures_are_told_from_phones_dates_and_letter_numbers(text: str, *, expected: bool) -> None:
    assert has_figure(text) is expected


def test_a_line_that_is_one_endless_word_is_searched_once_and_not_from_each_of_its_letters() -> None:
    assert has_figure("0123456789abcdef" * 25_000)  # from each letter it would take longer than any test may
