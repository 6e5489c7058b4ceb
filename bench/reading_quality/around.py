"""A good table, and words around it: in the mail, the subject, the file's name, above the table and below. Harmless ones and others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bench.reading_quality.house import units
from bench.reading_quality.paper import Content, lines, table
from bench.reading_quality.specimen import Scene, Specimen
from bench.reading_quality.wording import grouped, labels
from mailbox_ingest.model import Table


def _listed(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.replace("\n", " ").split("|"))


_DOUBT = _listed("""
    Đây là bản nháp, đơn vị sẽ gửi bản chính thức sau. | Số liệu này chưa chính thức, đề nghị chưa tổng hợp. | Đơn vị xin rút báo cáo
    này. | Số đã cài trong file ghi nhầm, số đúng là {n} người ạ. | Tổng số đoàn viên trong báo cáo chưa gồm 15 người mới. | Đây là
    báo cáo thử. | Báo cáo này chưa đầy đủ, còn thiếu 3 CĐCS. | Đề nghị bỏ qua báo cáo này. | Số liệu tạm tính ạ. | Em gửi dự thảo để
    anh xem trước. | Còn 5 đơn vị chưa gửi số liệu. | Số liệu ước tính đến cuối tuần.
    | Mục 3 trong file phải là {n} ạ. | Anh bỏ file này giúp em, em gửi file khác. | Sau khi gửi file có thêm 5 người cài. | Anh xem thế
    này đúng chưa ạ? | Em gửi trước, chờ lãnh đạo ký ạ. | Thực tế có thể thấp hơn. | Số đã cài gồm người thân của đoàn viên. | Em copy
    từ báo cáo tuần trước. | Ngày mai em gửi lại bản chuẩn. | Phòng kế toán em chưa hỏi được. | Số trong file là của tuần trước.
    """)
_NOTES = _listed("""
    Ghi chú: số liệu chưa bao gồm 3 CĐCS chưa báo cáo. | (Còn 5 đơn vị chưa gửi số liệu) | Ghi chú: số liệu tạm tính. | * Số liệu ước
    đến 30/8. | Ghi chú: chưa tính khối doanh nghiệp. | Số liệu chưa đầy đủ. | Ghi chú: số liệu dự kiến. | (Số liệu chưa chính thức)
    | Ghi chú: có 45 người cài rồi lại gỡ. | Ghi chú: bao gồm cả người nhà của đoàn viên. | Số liệu này của tháng 7.
    """)
_ABOVE = _listed("""
    DỰ THẢO | Đơn vị: CĐCS xã Hiền Thành | Tên đơn vị báo cáo: CĐCS Trường THPT Lê Lợi | Số liệu khối trường học | Tháng 7/2020 | Quý
    II năm 2020 | Năm 2019 | ĐVT: nghìn người | Đơn vị tính: trăm người | BẢN ĐĂNG KÝ THI ĐUA | BẢN NHÁP | Số liệu tuần trước | (Kèm
    theo Kế hoạch số 12/KH-LĐLĐ ngày 20/8/2020) | Biểu giao chỉ tiêu | Số liệu toàn tỉnh | Đơn vị: Khối doanh nghiệp
    """)
_HARMLESS_MAIL = _listed("""
    Kính gửi Ban Công tác cơ sở, đơn vị gửi báo cáo kết quả cài đặt Bluezone. | Em gửi anh báo cáo ạ. | Đính kèm báo cáo số liệu
    Bluezone tuần này. | Đơn vị xin gửi báo cáo. Mọi thắc mắc liên hệ đ/c Bình, số điện thoại 0912 345 678. | Kính gửi LĐLĐ tỉnh báo
    cáo tuần {week}. | Đơn vị báo cáo theo Công văn 597/LĐLĐ-CTCS ngày 14/8/2020. Trân trọng! | Báo cáo có 2 trang, gửi kèm theo thư
    này. | Mong anh chị xác nhận đã nhận được. | Hôm nay đơn vị đã tổng hợp xong số liệu, xin gửi anh chị.
    | Số liệu không thay đổi so với tuần trước. | Nhận được thư anh chị báo lại giúp em đã nhận được chưa ạ.
    """)
_HARMLESS_NOTES = _listed("""
    Ghi chú: số liệu đến 17h. | Trên đây là báo cáo của đơn vị. | Đơn vị tiếp tục tuyên truyền, vận động đoàn viên cài đặt. | Nơi
    nhận: như trên. | Khó khăn: một số máy đời cũ không cài được. | Kiến nghị: không. | Người lập biểu: Nguyễn Thị Hoa. | Số liệu đã
    được Ban Thường vụ kiểm tra. | Vận động cả người thân, gia đình cùng cài đặt. | Tháo gỡ khó khăn cho đoàn viên lớn tuổi.
    """)
_HARMLESS_ABOVE = _listed("""
    Đơn vị tính: người | ĐVT: người | Đơn vị: {name} | (Kèm theo Báo cáo số 12/BC-LĐLĐ ngày {day}) | Tuần {week} | Biểu số 01 | Mẫu số
    1 | Tháng {month}/2020 | Kết quả cụ thể như sau: | (Số liệu tính đến 17h00 ngày {day}) | {name} báo cáo kết quả như sau: | Kính
    gửi: LĐLĐ tỉnh Quảng Trị
    """)


def _table(scene: Scene) -> Table:
    rows: list[list[Content]] = [
        [str(n), name, grouped(v)] for n, (name, v) in enumerate(zip(labels(scene.rng), scene.values, strict=True), 1)
    ]
    return table([["TT", "Nội dung", "Số lượng"], *rows], place="bảng 2")


def _filled(scene: Scene, text: str) -> str:
    day = f"{scene.day.day}/{scene.day.month}/2020"
    shown = text.format(n=scene.values[2] - 7, week=scene.period.week, day=day, month=scene.day.month, name=scene.unit.name)
    scene.notes.append(shown)
    return shown


def harmless(scene: Scene) -> Specimen:
    rng = scene.rng
    above = [_filled(scene, t) for t in rng.sample(_HARMLESS_ABOVE, rng.randrange(0, 3))]
    below = [_filled(scene, t) for t in rng.sample(_HARMLESS_NOTES, rng.randrange(0, 3))]
    made = scene.specimen("around: harmless", blocks=[*lines(*above), _table(scene), *lines(*below)])
    subject = rng.choice(
        ("Báo cáo Bluezone", f"BC Bluezone {scene.unit.name}", f"Báo cáo tuần {scene.period.week}", "Bao cao", "Gửi báo cáo số 12/BC")
    )
    return replace(made, body=_filled(scene, rng.choice(_HARMLESS_MAIL)), subject=subject)


def mail(scene: Scene) -> Specimen:
    """The mail or its subject says that the figures are not to be taken as they stand."""
    rng = scene.rng
    if rng.random() < 0.3:
        word = rng.choice(("BẢN NHÁP", "Dự thảo", "Nháp:", "(chưa chính thức)", "Bản thử"))
        scene.notes.append(word)
        made = scene.specimen("around: mail", blocks=[_table(scene)], nothing=True)
        if rng.random() < 0.5:
            return replace(made, subject=f"{word} báo cáo Bluezone")
        return replace(made, documents=(scene.letter([_table(scene)], path=f"BC Bluezone {word.strip('():')}.docx"),))
    said = _filled(scene, rng.choice(_DOUBT))
    made = scene.specimen("around: mail", blocks=[_table(scene)], nothing=True)
    return replace(made, body=f"Kính gửi anh chị.\n{said}\nTrân trọng!")


def mail_contradicts(scene: Scene) -> Specimen:
    """The mail or its subject speaks of another unit or another week than the letter."""
    rng = scene.rng
    others = [u for u in units() if u.code != scene.unit.code and u.name not in scene.unit.name and scene.unit.name not in u.name]
    other = rng.choice(others)
    said = rng.choice(
        (f"Báo cáo Bluezone của {other.name}", f"Báo cáo Bluezone tuần {scene.period.week - 1 if scene.period.week > 34 else 35}")
    )
    scene.notes.append(said)
    made = scene.specimen("around: contradicts", blocks=[_table(scene)], nothing=True)
    return (
        replace(made, subject=said)
        if rng.random() < 0.5
        else replace(made, body=f"Kính gửi LĐLĐ tỉnh.\nEm gửi {said[0].lower()}{said[1:]} ạ.")
    )


def below(scene: Scene) -> Specimen:
    return scene.specimen("around: note below", blocks=[_table(scene), *lines(_filled(scene, scene.rng.choice(_NOTES)))], nothing=True)


def above(scene: Scene) -> Specimen:
    return scene.specimen("around: line above", blocks=[*lines(_filled(scene, scene.rng.choice(_ABOVE))), _table(scene)], nothing=True)


FAMILIES: dict[str, Callable[[Scene], Specimen]] = {
    "around: harmless": harmless,
    "around: mail": mail,
    "around: contradicts": mail_contradicts,
    "around: note below": below,
    "around: line above": above,
}
