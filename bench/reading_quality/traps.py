"""Mails that hold figures and are no report of the sender's own, and good reports with a second voice that differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bench.reading_quality.paper import lines, table
from bench.reading_quality.specimen import Scene, Specimen
from bench.reading_quality.wording import OFFICIAL, count, grouped, labels
from mailbox_ingest.model import Block


def _table(scene: Scene, values: tuple[int, int, int] | None = None, *, head: str = "Số lượng") -> Block:
    shown = values or scene.values
    names = labels(scene.rng)
    rows = [["TT", "Nội dung", head], *[[str(n), name, grouped(v)] for n, (name, v) in enumerate(zip(names, shown, strict=True), 1)]]
    return table(rows, place="bảng 2")


def plans(scene: Scene) -> Specimen:
    """Plans, targets, forecasts."""
    rng = scene.rng
    title = rng.choice(
        (
            ("KẾ HOẠCH", "Triển khai cài đặt ứng dụng Bluezone"),
            ("CHỈ TIÊU", "Cài đặt ứng dụng Bluezone tháng 9 năm 2020"),
            ("DỰ KIẾN KẾT QUẢ", "cài đặt ứng dụng Bluezone đến ngày 30/9"),
            ("ĐĂNG KÝ CHỈ TIÊU", "Cài đặt Bluezone"),
            ("BẢN ĐĂNG KÝ THI ĐUA", "Vận động đoàn viên cài đặt Bluezone"),
        )
    )
    lead = rng.choice((("Phấn đấu đến hết tháng 9:",), ("Mục tiêu:",), ("Chỉ tiêu giao cho đơn vị như sau:",), ()))
    if rng.random() < 0.5:
        head = rng.choice(("Kế hoạch", "Chỉ tiêu", "Mục tiêu", "Số lượng phấn đấu", "Chỉ tiêu giao", "Dự kiến"))
        title = ("BÁO CÁO", "Về việc cài đặt ứng dụng Bluezone") if rng.random() < 0.5 else title
    else:
        head = "Số lượng"
    scene.notes.append(f"{title[0]} {lead} {head}")
    made = scene.specimen("trap: plan", blocks=[], nothing=True)
    return replace(made, documents=(scene.letter([*lines(*lead), _table(scene, head=head)], title=title),))


def last_week_only(scene: Scene) -> Specimen:
    rng = scene.rng
    lead = rng.choice(("Số liệu tuần trước:", "Kết quả báo cáo kỳ trước:", "Số liệu đã báo cáo lần trước như sau:", "Số liệu cũ:"))
    if rng.random() < 0.5:
        return scene.specimen("trap: last week only", blocks=[*lines(lead), _table(scene)], nothing=True)
    return scene.specimen(
        "trap: last week only", blocks=[_table(scene, head=rng.choice(("Tuần trước", "Kỳ trước", "Số liệu kỳ trước")))], nothing=True
    )


def province(scene: Scene) -> Specimen:
    """The whole province's or the country's figures, quoted."""
    rng = scene.rng
    m, s, i = (grouped(v * 13) for v in scene.values)
    whole = rng.choice(
        ("Toàn tỉnh", "Cả nước", "Toàn tỉnh Quảng Trị", "LĐLĐ tỉnh Quảng Trị", "Các cấp công đoàn trong tỉnh", "Tỉnh Quảng Trị hiện")
    )
    text = rng.choice(
        (
            f"{whole} có {m} đoàn viên, người lao động; {s} người có điện thoại thông minh; {i} người đã cài đặt Bluezone.",
            f"Theo báo cáo, {whole.lower()} có tổng số đoàn viên, NLĐ: {m}; có ĐTTM: {s}; đã cài Bluezone: {i}.",
            f"Số liệu {whole.lower()}:\n- Tổng số đoàn viên, NLĐ: {m}\n- Có ĐTTM: {s}\n- Đã cài Bluezone: {i}",
        )
    )
    scene.notes.append(whole)
    return scene.specimen("trap: province", body=f"Kính gửi anh, em gửi thông tin tham khảo về Bluezone.\n{text}", nothing=True)


def part_only(scene: Scene) -> Specimen:
    """Figures of one of the unit's parts."""
    rng = scene.rng
    m, s, i = (grouped(v) for v in scene.values)
    part = rng.choice(
        (
            "Riêng CĐCS Trường THPT Lê Lợi",
            "CĐCS xã Hiền Thành",
            "Khối trường học",
            "Khối hành chính",
            "Trường Mầm non Hoa Sen",
            "CĐCS Công ty TNHH Sao Mai",
            "Riêng khối doanh nghiệp",
            "Tổ công đoàn số 3",
        )
    )
    text = rng.choice(
        (
            f"{part} có {m} đoàn viên, {s} người có điện thoại thông minh, {i} người đã cài Bluezone.",
            f"{part}: tổng số đoàn viên {m}; có ĐTTM {s}; đã cài {i}.",
            f"{part}:\n- Tổng số đoàn viên: {m}\n- Có ĐTTM: {s}\n- Đã cài Bluezone: {i}",
        )
    )
    scene.notes.append(part)
    return scene.specimen("trap: part only", body=f"Kính gửi LĐLĐ tỉnh.\n{text}\nCác CĐCS khác chưa báo cáo.", nothing=True)


def questions(scene: Scene) -> Specimen:
    rng = scene.rng
    m, s, i = (grouped(v) for v in scene.values)
    text = rng.choice(
        (
            f"Cho em hỏi đơn vị có {m} đoàn viên, {s} người có điện thoại thông minh, nếu cài đặt {i} người thì có đạt không ạ?",
            f"Ví dụ: tổng số đoàn viên {m}, có ĐTTM {s}, đã cài {i} thì tỷ lệ tính thế nào?",
            f"Mẫu ghi: Tổng số đoàn viên: {m}; có ĐTTM: {s}; đã cài: {i} (ví dụ).",
            f"Giả sử có {m} đoàn viên, {s} người có ĐTTM, {i} người đã cài thì báo cáo ra sao?",
        )
    )
    return scene.specimen("trap: question", body=text, nothing=True)


def scaled(scene: Scene) -> Specimen:
    """Thousands or hundreds of people, said in the head of the table."""
    rng = scene.rng
    head = rng.choice(
        ("Số lượng (nghìn người)", "ĐVT: nghìn người", "Số lượng (trăm người)", "ĐVT (1.000 người)", "Nghìn người", "ĐVT: chục người")
    )
    values = (9, 7, 5)
    blocks: list[Block] = [_table(scene, values, head=head)]
    if rng.random() < 0.4:
        blocks = [*lines("Đơn vị tính: nghìn người"), _table(scene, values)]
    return scene.specimen("trap: scaled", blocks=blocks, nothing=True)


def voices(scene: Scene) -> Specimen:
    """A second voice in the mail says another number: body, second table, percentage, detail."""
    rng = scene.rng
    at = rng.randrange(3)
    other = list(scene.values)
    other[at] += rng.choice((1, -1, 10, 7))
    names = labels(rng)
    shape = rng.randrange(4)
    scene.notes.append(f"voice {shape} field {at}")
    made = scene.specimen("trap: two voices", blocks=[_table(scene)], nothing=True)
    if shape == 0:
        text = "\n".join(f"- {name}: {grouped(v)}" for name, v in zip(names, other, strict=True))
        return replace(made, body=f"{scene.unit.name} báo cáo:\n{text}")
    if shape == 1:
        m, s, i = map(grouped, other)
        text = f"Tổng số ĐV, NLĐ là {m} người, có điện thoại thông minh {s} người, đã cài đặt Bluezone {i} người."
        return replace(made, body=f"{scene.unit.name} báo cáo: {text}")
    second = tuple(other)
    if shape == 2:
        return replace(
            made, documents=(*made.documents, scene.letter([_table(scene, (second[0], second[1], second[2]))], path="ban ky.docx"))
        )
    return replace(made, documents=(scene.letter([_table(scene), _table(scene, (second[0], second[1], second[2]))]),))


def agreeing(scene: Scene) -> Specimen:
    """The same figures in the mail's text and in the letter."""
    rows = "\n".join(f"- {name}: {count(scene.rng, v)}" for name, v in zip(OFFICIAL, scene.values, strict=True))
    made = scene.specimen("trap: agreeing voices", blocks=[_table(scene)])
    return replace(made, body=f"{scene.unit.name} báo cáo kết quả cài đặt Bluezone:\n{rows}\nTrân trọng.")


def wrong_percentage(scene: Scene) -> Specimen:
    rng = scene.rng
    members, phones, installed = scene.values
    # Far from the share among the members, too: that one would be a percentage rightly stated.
    stated = max((installed * 100 / phones + d for d in (9, 15, -9, -15)), key=lambda p: min(abs(p - installed * 100 / members), 20))
    names = labels(rng)
    text = f"{stated:.1f}".replace(".", ",")
    rows = [
        ["TT", "Nội dung", "Số lượng", "Tỷ lệ (%)"],
        *[[str(n), name, grouped(v), text if n == 3 else ""] for n, (name, v) in enumerate(zip(names, scene.values, strict=True), 1)],
    ]
    return scene.specimen("trap: wrong percentage", blocks=[table(rows, place="bảng 2")], nothing=True)


FAMILIES: dict[str, Callable[[Scene], Specimen]] = {
    "trap: plan": plans,
    "trap: last week only": last_week_only,
    "trap: province": province,
    "trap: part only": part_only,
    "trap: question": questions,
    "trap: scaled": scaled,
    "trap: two voices": voices,
    "trap: agreeing voices": agreeing,
    "trap: wrong percentage": wrong_percentage,
}
