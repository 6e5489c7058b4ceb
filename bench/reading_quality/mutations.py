"""Good reports with one word too many, which changes what is counted, of whom, or when: none may be accepted unasked."""

from __future__ import annotations

from collections.abc import Callable

from bench.reading_quality.paper import Content, lines, table
from bench.reading_quality.specimen import Scene, Specimen
from bench.reading_quality.wording import CONTENT_HEADS, VALUE_HEADS, grouped, labels
from mailbox_ingest.model import Block


def _listed(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.replace("\n", " ").split("|"))


# What may stand before or behind a label and makes it another one.
_LABEL_WORDS = _listed("""
    dự kiến | đăng ký | mới | thêm | trong tuần | trong ngày | nữ | nam | của học sinh | của người thân | trong gia đình | vận động |
    đề nghị | cần | phải | sẽ | còn lại | giảm | tăng | năm 2019 | lỗi | hỏng | đợt 1 | lần 1 | tuần trước | kỳ trước | bình quân |
    tối đa | ước tính | (nghìn người) | theo kế hoạch | được giao | toàn tỉnh | khối trường học | đã nghỉ hưu | ngoài nhà nước | bị
    mất | cam kết | mục tiêu | phấn đấu | tham gia tập huấn | được tuyên truyền | ủng hộ | đã gỡ | không | chưa | hướng dẫn | đi công
    tác | của CĐCS | cấp huyện | khu cách ly | thử nghiệm | tạm tính | đến 30/9 | so với tháng trước | thời vụ | dưới 35 tuổi
""")
_HEAD_WORDS = _listed("""
    Dự kiến | Đăng ký | Kế hoạch | Chỉ tiêu | Chỉ tiêu giao | Tuần trước | Kỳ trước | Đầu kỳ | Tăng | Giảm | Tăng/giảm | So với tuần
    trước | Nam | Nữ | Khối trường học | Toàn tỉnh | Cả nước | Ước thực hiện | Ước đạt | Mục tiêu | Phấn đấu | Năm 2019 | Trong tuần |
    Trong ngày | Số tăng thêm | Số mới | Số cũ | Nghìn người | Trăm người | ĐVT: nghìn người | Tháng 7 | Quý II | Đợt 1 | Mẫu | Ví dụ
    | Tỷ lệ (%) | % | Chênh lệch | Còn lại | Giao | Số phải cài | Đã báo cáo | Chưa cài | Bình quân | Doanh nghiệp | CĐCS | CĐCS xã A
    | Trường THPT | Thời vụ
""")
_LEADS = _listed("""
    Số liệu tuần trước: | Kế hoạch như sau: | Dự kiến đến 30/9: | Số liệu toàn tỉnh: | Chỉ tiêu giao: | Ví dụ: | Mẫu báo cáo: | Số
    liệu cũ: | CĐCS Trường THPT Lê Lợi: | Khối doanh nghiệp: | Phấn đấu: | Số liệu tháng 7: | Tạm tính: | Số liệu ước thực hiện: | Số
    liệu chưa chính thức: | Riêng nữ: | Số liệu đơn vị bạn: | Đăng ký: | Kết quả kỳ trước: | Số liệu đã báo cáo: | Số liệu sai như
    sau: | Đơn vị tính: nghìn người
""")
_VALUE_WORDS = _listed("""
    khoảng {v} | {v} (ước) | {v} (dự kiến) | tăng {v} | giảm {v} | {v} hộ | {v} CĐCS | {v}% | {v} nghìn | chưa đủ {v} | {v} trở lên |
    < {v} | ≤ {v} | {v}? | {v} (tuần trước) | {v} (chưa chính thức) | {v}/tuần | +{v} so với tuần trước | {v} học sinh | {v} lượt |
    {v} (nữ) | ngày {v} | {v} - {w} | {v} đến {w} | {v} hoặc {w} | {v}, {w} | {v} + {w} | {v} x 2 | tối đa {v} | {v} (số cũ) | trừ {v}
    | ~{v} | {v} bài viết
""")


def _rows(scene: Scene) -> list[list[Content]]:
    return [[str(n), name, grouped(v)] for n, (name, v) in enumerate(zip(labels(scene.rng), scene.values, strict=True), 1)]


def _table(scene: Scene, rows: list[list[Content]], head: str | None = None) -> Block:
    heads: list[Content] = ["TT", scene.rng.choice(CONTENT_HEADS), head or scene.rng.choice(VALUE_HEADS)]
    return table([heads, *rows], place="bảng 2")


def label(scene: Scene) -> Specimen:
    rng = scene.rng
    rows = _rows(scene)
    at = rng.randrange(3)
    word = rng.choice(_LABEL_WORDS)
    text = str(rows[at][1])
    rows[at][1] = rng.choice((f"{text} {word}", f"{text} ({word})", f"{text}, {word}", f"{word[0].upper()}{word[1:]}: {text}"))
    scene.notes.append(f"[{at}] {word}")
    if rng.random() < 0.4:
        said = "\n".join(f"- {row[1]}: {row[2]}" for row in rows)
        return scene.specimen("word: label", body=f"{scene.unit.name} báo cáo kết quả cài đặt Bluezone:\n{said}", nothing=True)
    return scene.specimen("word: label", blocks=[_table(scene, rows)], nothing=True)


def head(scene: Scene) -> Specimen:
    word = scene.rng.choice(_HEAD_WORDS)
    scene.notes.append(word)
    return scene.specimen("word: head", blocks=[_table(scene, _rows(scene), word)], nothing=True)


def lead(scene: Scene) -> Specimen:
    rng = scene.rng
    word = rng.choice(_LEADS)
    rows = _rows(scene)
    scene.notes.append(word)
    if rng.random() < 0.5:
        said = "\n".join(f"- {row[1]}: {row[2]}" for row in rows)
        return scene.specimen("word: lead", body=f"{scene.unit.name} gửi LĐLĐ tỉnh về Bluezone.\n{word}\n{said}", nothing=True)
    return scene.specimen("word: lead", blocks=[*lines(word), _table(scene, rows)], nothing=True)


def value(scene: Scene) -> Specimen:
    rng = scene.rng
    rows = _rows(scene)
    at = rng.randrange(3)
    number = scene.values[at]
    rows[at][2] = rng.choice(_VALUE_WORDS).format(v=number, w=number + rng.randrange(1, 20))
    scene.notes.append(f"[{at}] {rows[at][2]}")
    if rng.random() < 0.4:
        said = "\n".join(f"- {row[1]}: {row[2]}" for row in rows)
        return scene.specimen("word: value", body=f"{scene.unit.name} báo cáo kết quả cài đặt Bluezone:\n{said}", nothing=True)
    return scene.specimen("word: value", blocks=[_table(scene, rows)], nothing=True)


FAMILIES: dict[str, Callable[[Scene], Specimen]] = {
    "word: label": label,
    "word: head": head,
    "word: lead": lead,
    "word: value": value,
}
