"""Habits of clerks: what they put beside a figure, under a table, into a subject; lists pasted as text; running text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from bench.reading_quality.paper import Content, lines, table
from bench.reading_quality.specimen import Scene, Specimen
from bench.reading_quality.wording import VALUE_HEADS, grouped, labels
from mailbox_ingest.model import Table

_BELOW = (
    "CĐCS Trường THPT Lê Lợi",
    "CĐCS xã Hiền Thành",
    "Trường Mầm non Hoa Sen",
    "Chi nhánh Bến Quan",
    "CĐCS Công ty May Bến Hải",
    "xã Triệu Ái",
)
_CAMPAIGNS = ("NCOVI", "VssID - BHXH số", "VNeID", "PC-Covid", "khai báo y tế", "sổ sức khỏe điện tử", "eTax")
_CHECKED = ("theo kiểm tra thực tế", "Số thực tế qua rà soát", "Số đã cài Bluezone theo phần mềm", "Trong đó đã xác minh", "Đã đối chiếu")
_PARTS = (
    "Khối doanh nghiệp để em gọi lại.",
    "Doanh nghiệp thì tuần sau.",
    "Xã Hải Khê số liệu không hợp lý, em đang hỏi.",
    "Có 2 CĐCS báo cáo trễ, em cập nhật vào tuần sau.",
    "Mới cập nhật được khối trường học.",
    "Nếu thiếu anh chị thêm cho đủ giúp em.",
    "Tổng số CĐCS: 45; đã báo cáo: 43.",
    "Chị cộng giúp em thêm 5 người nữa.",
    "Riêng phòng Kỹ thuật gộp với tháng trước.",
)
_HARMLESS = (
    "Khối doanh nghiệp đã triển khai đầy đủ.",
    "Tổng số CĐCS: 45; đã báo cáo: 45.",
    "Đơn vị sẽ tiếp tục cập nhật, báo cáo tuần sau.",
    "Đơn vị cam kết số liệu trên là đúng.",
    "Số liệu trên đã được rà soát, đối chiếu.",
    "Nếu cần thêm thông tin xin liên hệ đ/c Hằng, ĐT 0905.123.456.",
)
_TOTALS = ("Tổng cộng:", "TỔNG TOÀN HUYỆN", "Tổng số (3 CĐCS)", "Toàn ngành", "Cộng", "", "Tổng cộng 3 đơn vị")


def _share(part: int, whole: int) -> str:
    return f"{part * 100 / whole:.1f}".replace(".", ",")


def _far_share(installed: int, phones: int, members: int) -> int:
    """A wrong number of installations whose share is near neither of the true ones."""
    wrong = (installed * 8 // 10, installed * 6 // 10)
    return max(wrong, key=lambda n: min(abs(n / phones - installed / phones), abs(n / phones - installed / members)))


def _down(scene: Scene, texts: Sequence[str], *more: Sequence[Content]) -> Table:
    names = labels(scene.rng)
    rows: list[list[Content]] = [[str(n), name, text] for n, (name, text) in enumerate(zip(names, texts, strict=True), 1)]
    return table([["TT", "Nội dung", scene.rng.choice(VALUE_HEADS)], *rows, *more], place="bảng 2")


def _figures(scene: Scene) -> list[str]:
    return [grouped(v) for v in scene.values]


def beside(scene: Scene) -> Specimen:
    """A share, the whole or the women in the figure's own cell; in one of four mails they contradict it."""
    rng = scene.rng
    members, phones, installed = scene.values
    wrong = rng.random() < 0.25
    form = rng.randrange(5)
    unit = rng.choice(("", " người", " đ/c"))
    if form == 4:
        half = [v // 3 for v in scene.values]
        texts = [
            f"{grouped(v)}{unit} ({'nữ' if rng.random() < 0.5 else 'trong đó nữ'}: {h})" for v, h in zip(scene.values, half, strict=True)
        ]
        return scene.specimen("clerk: beside", blocks=[_down(scene, texts)])
    stated = _far_share(installed, phones, members) if wrong else installed
    shown = _share(stated, phones)
    tail = (f" ({shown}%)", f", đạt {shown}%", f" (tỷ lệ {shown}%)", "")[form]
    last = f"{grouped(installed)}{unit}{tail}" if tail else f"{grouped(installed)}/{grouped(phones + (installed - stated))}{unit}"
    texts = [f"{grouped(members)}{unit}", f"{grouped(phones)}{unit} ({_share(phones, members)}%)", last]
    scene.notes.append("contradicts" if wrong else "agrees")
    return scene.specimen("clerk: beside", blocks=[_down(scene, texts)], nothing=wrong)


def campaign(scene: Scene) -> Specimen:
    """A report on another application in the same words."""
    rng = scene.rng
    name = rng.choice(_CAMPAIGNS)
    scene.notes.append(name)
    rows: list[list[Content]] = [
        ["1", "Tổng số ĐV, NLĐ"],
        ["2", "Số có điện thoại thông minh"],
        ["3", rng.choice(("Đã cài đặt", "Số đã cài đặt ứng dụng"))],
    ]
    filled = table([["TT", "Nội dung", "Số lượng"], *([*row, v] for row, v in zip(rows, _figures(scene), strict=True))], place="bảng 2")
    made = scene.specimen("clerk: campaign", blocks=[filled], nothing=True)
    title = ("BÁO CÁO", f"Kết quả cài đặt ứng dụng {name}")
    if rng.random() < 0.5:
        return replace(made, documents=(scene.letter([filled], title=title),))
    return replace(made, subject=f"Báo cáo cài đặt {name}", documents=(scene.letter([filled], title=("BÁO CÁO",)),))


def body_below(scene: Scene) -> Specimen:
    """The figures of a body below the sender's: so say subject, file, title, mail or signature."""
    rng = scene.rng
    name = rng.choice(_BELOW)
    scene.notes.append(name)
    filled = _down(scene, _figures(scene))
    made = scene.specimen("clerk: body below", blocks=[filled], nothing=True)
    letter = replace(scene.letter([filled]), path="bc.docx")
    where = rng.randrange(4)
    if where == 0:
        return replace(made, subject=f"BC Bluezone {name}")
    if where == 1:
        return replace(made, documents=(replace(letter, path=f"BC {name}.docx"),))
    if where == 2:
        return replace(made, body=f"Kính gửi anh chị. Em gửi báo cáo của {name} ạ.")
    return replace(made, documents=(scene.letter([*lines(f"Kết quả của {name}"), filled]),))


def checked(scene: Scene) -> Specimen:
    """A further row with what somebody else found: another figure, or the same."""
    rng = scene.rng
    same = rng.random() < 0.3
    row = ["", rng.choice(_CHECKED), grouped(scene.values[2] - (0 if same else 7))]
    return scene.specimen("clerk: checked", blocks=[_down(scene, _figures(scene), row)], nothing=not same, clear=False)


def pasted(scene: Scene) -> Specimen:
    """A table pasted as text: '1 Tổng số đoàn viên 612'; with last week's column beside it nobody can tell."""
    rng = scene.rng
    two = rng.random() < 0.2
    figures = _figures(scene) if rng.random() < 0.5 and not two else [str(v) for v in scene.values]
    figures = [f"{b} {v}" for b, v in zip(scene.before, figures, strict=True)] if two else figures
    unit = rng.choice(("", " người", " đ/c"))
    gap = rng.choice((" ", " ..... ", ": ", " Người "))
    said = [f"{n} {name}{gap}{v}{unit}" for n, (name, v) in enumerate(zip(labels(rng), figures, strict=True), 1)]
    head = ["TT Nội dung Số lượng"] if rng.random() < 0.5 else []
    return scene.specimen("clerk: pasted", body="\n".join(["Kính gửi anh chị.", *head, *said, "Trân trọng."]), nothing=two)


def running(scene: Scene) -> Specimen:
    """Running text as letters have it: shares, wholes, a date before the figure, the number of bodies."""
    rng = scene.rng
    members, phones, installed = scene.values
    day = f"{scene.day.day}/{scene.day.month}/2020"
    share = _share(installed, phones)
    said = rng.choice(
        (
            f"Đơn vị có {grouped(members)} đoàn viên; đã cài đặt Bluezone {installed}/{phones} máy điện thoại thông minh, đạt {share}%.",
            f"Toàn đơn vị có {grouped(members)} CBCNV, {grouped(phones)} người dùng smartphone; "
            f"số người đã cài Bluezone là {installed}/{phones} ({share}%).",
            f"Đến ngày {day} đã có {grouped(installed)} đoàn viên cài đặt Bluezone, đạt {share}%; tổng số đoàn viên {grouped(members)}; "
            f"số có smartphone {grouped(phones)}.",
            f"Đơn vị có 15 CĐCS với {grouped(members)} đoàn viên; trong đó {grouped(phones)} người có điện thoại thông minh; "
            f"{grouped(installed)} người đã cài đặt Bluezone, đạt {share}%.",
            f"Dạ em gửi số liệu ạ: tổng {members} đv, {phones} người có đt thông minh, {installed} đã cài Bluezone rồi ạ.",
            f"Tổng số đoàn viên: {members} (không thay đổi so với tuần trước)\n"
            f"Có smartphone: {phones} (tăng 2 đồng chí)\nĐã cài: {installed}",
        )
    )
    if rng.random() < 0.2 and share in said:
        return scene.specimen(
            "clerk: running", body=said.replace(share, _share(_far_share(installed, phones, members), phones)), nothing=True
        )
    return scene.specimen("clerk: running", body=said, clear=installed != phones)


def remark(scene: Scene) -> Specimen:
    """A remark on a part of the body, in the mail, below the table or in the signature."""
    rng = scene.rng
    harmless = rng.random() < 0.4
    said = rng.choice(_HARMLESS if harmless else _PARTS)
    scene.notes.append(said)
    filled = _down(scene, _figures(scene))
    made = scene.specimen("clerk: remark", blocks=[filled, *lines(said)], nothing=not harmless)
    if rng.random() < 0.5:
        return made
    return replace(made, documents=(scene.letter([filled]),), body=f"Kính gửi anh chị, em gửi báo cáo.\n{said}")


def totals(scene: Scene) -> Specimen:
    """A total row by any name, or by none, above or below its parts; in one of four mails a part says 'như tuần trước'."""
    rng = scene.rng
    parts = [[v // 4, v // 3] for v in scene.values]
    rest = [v - sum(p) for v, p in zip(scene.values, parts, strict=True)]
    names = ("CĐCS xã Hiền Thành", "CĐCS Trường THCS An Phú", "CĐCS Bệnh viện")
    rows: list[list[Content]] = [[str(n + 1), names[n], *(grouped((*p, r)[n]) for p, r in zip(parts, rest, strict=True))] for n in range(3)]
    lacking = rng.random() < 0.25
    if lacking:
        rows.append(["4", "CĐCS phường 5", *[rng.choice(("như tuần trước", "nt", "chưa có"))] * 3])
    total: list[Content] = ["", rng.choice((*_TOTALS, scene.unit.name)), *_figures(scene)]
    heads: list[Content] = ["STT", "Đơn vị", "Tổng số ĐV, NLĐ", "Số có ĐTTM", "Đã cài Bluezone"]
    filled = table([heads, *rows, total], place="bảng 2")
    return scene.specimen("clerk: totals", blocks=[filled], nothing=lacking)


def old_figures(scene: Scene) -> Specimen:
    """A letter of this week with figures of last week."""
    rng = scene.rng
    friday = scene.period.monday - timedelta(days=3)
    day = friday - timedelta(days=rng.randrange(0, 4))
    said = f"{rng.choice(('Số liệu tính đến ngày', 'Tính đến hết ngày', '(Số liệu cập nhật đến 17h00 ngày'))} {day.day}/{day.month}/2020"
    scene.notes.append(said)
    filled = _down(scene, _figures(scene))
    blocks = [*lines(said), filled] if rng.random() < 0.5 else [filled, *lines(said)]
    return scene.specimen("clerk: old figures", blocks=blocks, nothing=True)


FAMILIES: dict[str, Callable[[Scene], Specimen]] = {
    "clerk: beside": beside,
    "clerk: campaign": campaign,
    "clerk: body below": body_below,
    "clerk: checked": checked,
    "clerk: pasted": pasted,
    "clerk: running": running,
    "clerk: remark": remark,
    "clerk: totals": totals,
    "clerk: old figures": old_figures,
}
