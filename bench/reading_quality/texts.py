"""Reports in running text: the body of a mail, lines with dashes, sentences of many shapes."""

from __future__ import annotations

from collections.abc import Callable

from bench.reading_quality.paper import lines
from bench.reading_quality.specimen import Scene, Specimen
from bench.reading_quality.wording import STYLES, count, dressed, grouped, labels, short_date


def _percent(part: int, whole: int) -> str:
    return f"{part * 100 / whole:.1f}".replace(".", ",") + "%"


def _greeting(scene: Scene) -> str:
    name, day = scene.unit.name, scene.day
    return scene.rng.choice(
        (
            f"{name} báo cáo kết quả cài đặt Bluezone như sau:",
            f"Kính gửi LĐLĐ tỉnh,\n{name} xin báo cáo kết quả cài đặt ứng dụng Bluezone:",
            f"{name} báo cáo số liệu đến ngày {day.day}/{day.month}/{day.year}:",
            f"Thực hiện Công văn số 597/LĐLĐ-CTCS ngày 14/8/2020, {name} báo cáo như sau:",
            f"Đến 17h00 ngày {day.day}/{day.month}, {name} có:",
        )
    )


def _closing(scene: Scene) -> str:
    return scene.rng.choice(
        (
            "Trân trọng!",
            "Trân trọng./.",
            "Kính báo cáo.",
            "Điện thoại liên hệ: 0233 3852 741",
            "Đ/c Bình, SĐT 0912 345 678",
            "Địa chỉ: số 45 đường Hùng Vương",
            "Em cảm ơn ạ.",
        )
    )


def _mail(scene: Scene, family: str, text: str, *, clear: bool = True, nothing: bool = False) -> Specimen:
    """The words as the mail's body, or as a letter of running text."""
    whole = f"{_greeting(scene)}\n{text}\n{_closing(scene)}"
    if scene.rng.random() < 0.25:
        return scene.specimen(family, blocks=lines(*whole.split("\n")), clear=clear, nothing=nothing)
    return scene.specimen(family, body=whole, clear=clear, nothing=nothing)


def listed(scene: Scene) -> Specimen:
    rng = scene.rng
    style = rng.choice(STYLES)
    style = "plain" if style == "broken" else style
    mark = rng.choice(("- ", "+ ", "", "* ", "• ", "{n}. ", "{n}) ", "{n}/ "))
    sign = rng.choice((": ", ": ", ":", " : ", " là ", " = "))
    end = rng.choice(("", "", ".", ";", " người.", " người"))
    scene.notes.append(f"{style} {mark!r} {sign!r}")
    rows = []
    for n, (label, value) in enumerate(zip(labels(rng), scene.values, strict=True), 1):
        share = f" ({_percent(scene.values[n - 1], scene.values[n - 2])})" if n > 1 and rng.random() < 0.2 else ""
        words = dressed(rng, label, style=style).rstrip(" :")
        number = count(rng, value, bare=bool(end or share))
        rows.append(f"{mark.format(n=n)}{words}{sign}{number}{share or end}")
    return _mail(scene, "text: list", "\n".join(rows))


_ANNOUNCED = (
    "Em gửi số liệu ạ:",
    "Báo cáo nhanh Bluezone ngày {day}:",
    "BC Bluezone tuần {week}:",
    "Tổng hợp số liệu toàn đơn vị:",
    "Tiến độ cài đặt ứng dụng:",
    "Dạ em báo cáo ạ:",
    "Chị ơi em gửi số liệu:",
    "Số liệu cụ thể như sau:",
    "Trả lời Công văn số 597:",
    "Đơn vị em xin báo cáo:",
    "Số liệu tuần này của đơn vị em:",
    "Kết quả cài Bluezone:",
    "{name} báo cáo kết quả triển khai cài đặt ứng dụng Bluezone trong đoàn viên, người lao động như sau:",
    "Thực hiện chỉ đạo của LĐLĐ tỉnh, đơn vị báo cáo:",
    "Tính đến ngày {day}:",
    "Tình hình cài đặt Bluezone của đơn vị:",
    "Sau đây là số liệu:",
    "Kính gửi anh Bình,\nĐơn vị báo cáo số liệu Bluezone tuần {week} như sau:",
)


def announced(scene: Scene) -> Specimen:
    """A short list under the words with which people announce figures in a mail."""
    rng = scene.rng
    said = rng.choice(_ANNOUNCED).format(day=f"{scene.day.day}/{scene.day.month}", week=scene.period.week, name=scene.unit.name)
    scene.notes.append(said)
    rows = [f"- {name}: {count(rng, v)}" for name, v in zip(labels(rng), scene.values, strict=True)]
    return scene.specimen("text: announced", body="\n".join([said, *rows, _closing(scene)]))


def sentence(scene: Scene) -> Specimen:
    """Whole sentences without anything else in them."""
    rng = scene.rng
    m, s, i = (count(rng, v, bare=True) for v in scene.values)
    share_s, share_i = _percent(scene.values[1], scene.values[0]), _percent(scene.values[2], scene.values[1])
    phones = "có điện thoại thông minh"
    shapes = (
        f"Tổng số đoàn viên, người lao động là {m} người, trong đó có {s} người có điện thoại thông minh, {i} người đã cài đặt Bluezone.",
        f"Đơn vị có {m} đoàn viên, người lao động; {s} người {phones}; {i} người đã cài ứng dụng Bluezone, đạt {share_i}.",
        f"Tổng số ĐV, NLĐ: {m}; số có ĐTTM: {s} ({share_s}); số đã cài: {i} ({share_i}).",
        f"Toàn đơn vị có {m} đoàn viên, trong đó {s} người có điện thoại thông minh, đã cài đặt Bluezone {i} người.",
        f"Tổng số đoàn viên {m} người. Số người có điện thoại thông minh {s} người. Số người đã cài đặt Bluezone {i} người.",
        f"Tổng số CNVCLĐ: {m} người, có điện thoại thông minh: {s} người, đã cài đặt Bluezone: {i} người.",
        f"Tong so doan vien, nguoi lao dong: {m}. Co dien thoai thong minh: {s}. Da cai dat Bluezone: {i}.",
        f"Hiện có {m} đoàn viên, người lao động, {s} đ/c dùng smartphone và {i} đ/c đã cài Bluezone.",
        f"Số đoàn viên, NLĐ {phones} là {s}/{m} người, đã cài đặt Bluezone là {i}/{s} người. Tổng số đoàn viên, NLĐ: {m} người.",
        f"Đã có {i} đoàn viên, NLĐ cài đặt Bluezone trên tổng số {s} người {phones}. Tổng số đoàn viên, NLĐ của đơn vị là {m} người.",
    )
    at = rng.randrange(len(shapes))
    scene.notes.append(f"shape {at}")
    return _mail(scene, "text: sentence", shapes[at], clear=at < 8)


def noisy(scene: Scene) -> Specimen:
    """The three figures, clearly labelled, among numbers of other things."""
    rng = scene.rng
    m, s, i = (count(rng, v, bare=True) for v in scene.values)
    phones, installed, before = scene.values[1], scene.values[2], scene.before[2]
    more = rng.sample(
        (
            f"Tăng {installed - before} người so với tuần trước.",
            f"Tuần trước là {before} người.",
            f"So với tuần trước tăng {installed - before} người.",
            f"Còn {phones - installed} người chưa cài đặt.",
            f"Số chưa cài: {phones - installed}.",
            "Đơn vị đã in 500 tờ rơi tuyên truyền.",
            "Đã tổ chức 3 buổi tuyên truyền về phòng, chống dịch Covid-19.",
            f"Báo cáo theo Công văn số {rng.randrange(100, 900)}/LĐLĐ-CTCS ngày 14/8/2020.",
            f"Có {rng.randrange(2, 9)} máy đời cũ không hỗ trợ.",
            f"Đơn vị có {rng.randrange(3, 40)} CĐCS.",
            "Phấn đấu đến ngày 30/9 đạt 100%.",
            f"Số liệu tính đến 8h00 ngày {short_date(rng, scene.day)}.",
            "Đường dây nóng: 1900 9095.",
            f"Trong đó nữ {scene.values[0] // 2} người.",
            "Yêu cầu Android 5.0 hoặc iOS 12 trở lên.",
            "Đơn vị gồm 2 cơ sở, 15 phòng ban.",
        ),
        rng.randrange(1, 4),
    )
    base = rng.choice(
        (
            [f"- Tổng số đoàn viên, NLĐ: {m}", f"- Số có điện thoại thông minh: {s}", f"- Số đã cài đặt Bluezone: {i}"],
            [f"Tổng số ĐV, NLĐ là {m} người; có điện thoại thông minh {s} người; đã cài đặt Bluezone {i} người."],
        )
    )
    scene.notes.append(" / ".join(more))
    text = "\n".join([*base, *more]) if rng.random() < 0.7 or len(base) > 1 else base[0] + " " + " ".join(more)
    return _mail(scene, "text: noisy", text)


def compared(scene: Scene) -> Specimen:
    """Last week's figures beside this week's, in one breath."""
    rng = scene.rng
    m, s, i = (grouped(v) for v in scene.values)
    before = scene.before
    shapes = (
        f"Tổng số ĐV, NLĐ: {m}; có ĐTTM: {s}; đã cài: {i} người (tuần trước là {before[2]}).",
        f"Tổng số ĐV, NLĐ: {m}; có ĐTTM: {s}; đã cài: {i} người (so với tuần trước tăng {scene.values[2] - before[2]} người).",
        f"Tổng số ĐV, NLĐ: {m}; có ĐTTM: {s}; đã cài: {i} người, tăng {scene.values[2] - before[2]} người so với tuần trước.",
        f"Tổng số ĐV, NLĐ là {m} người; có ĐTTM {s} người; số đã cài đặt tăng từ {before[2]} người lên {i} người.",
        f"Tuần trước: tổng số ĐV {before[0]}, có ĐTTM {before[1]}, đã cài {before[2]}. Tuần này: tổng số ĐV {m}, có ĐTTM {s}, đã cài {i}.",
        f"Tổng số ĐV, NLĐ: {m} (tuần trước {before[0]}); có ĐTTM: {s} (tuần trước {before[1]}); đã cài: {i} (tuần trước {before[2]}).",
        f"Số liệu tuần trước:\n- Tổng số ĐV: {before[0]}\n- Có ĐTTM: {before[1]}\n- Đã cài: {before[2]}\n"
        f"Số liệu tuần này:\n- Tổng số ĐV: {m}\n- Có ĐTTM: {s}\n- Đã cài: {i}",
        f"Tổng số ĐV, NLĐ: {m}; có ĐTTM: {s}; trong tuần cài thêm {scene.values[2] - before[2]} người, nâng tổng số đã cài lên {i} người.",
    )
    at = rng.randrange(len(shapes))
    scene.notes.append(f"shape {at}")
    return _mail(scene, "text: compared", shapes[at], clear=at < 3)


_ACTS = (
    "vận động",
    "hướng dẫn",
    "tuyên truyền cho",
    "tập huấn cho",
    "chỉ đạo",
    "yêu cầu",
    "hỗ trợ",
    "kiểm tra việc cài đặt của",
    "gửi tài liệu cho",
)
_PERSONS = (
    "{n} người",
    "{n} đoàn viên",
    "{n} cán bộ",
    "{n} người thân",
    "{n} CĐCS",
    "{n} học sinh",
    "{n} hộ dân",
    "{n} phụ huynh",
    "{n} lượt người",
    "{n} khách hàng",
)


def decoy(scene: Scene) -> Specimen:
    """The installed figure is missing; a number stands in a sentence about installing."""
    rng = scene.rng
    m, s, _ = (grouped(v) for v in scene.values)
    n = rng.randrange(2, scene.values[1])
    persons = rng.choice(_PERSONS).format(n=n)
    said = rng.choice(
        (
            f"đã {rng.choice(_ACTS)} {persons} cài đặt Bluezone",
            f"trong tuần đã cài: {n} người",
            f"hôm nay cài đặt được {n} máy",
            f"{rng.choice(('dự kiến', 'phấn đấu', 'quyết tâm', 'đặt mục tiêu', 'đăng ký', 'cam kết'))} cài đặt cho {persons}",
            f"tuần tới sẽ có {persons} cài đặt",
            f"tất cả đã cài trừ {persons}",
            f"chỉ còn {persons} là cài chưa được",
            f"còn {persons} chưa cài đặt",
            f"{n} CĐCS đã triển khai cài đặt xong",
            f"có {n} tờ rơi hướng dẫn cách cài đặt Bluezone",
            f"mở {n} lớp hướng dẫn cài đặt",
            f"đã cài thêm {n} máy",
            f"ngoài ra {rng.choice(_ACTS)} {persons} cài đặt ứng dụng",
            f"đã gỡ cài đặt {n} máy",
            f"cài đặt bị lỗi {n} máy",
            "100% đã cài đặt",
            f"đa số đã cài đặt, riêng khối trường học cài đặt {n} người",
            f"đã cài khoảng {n} người",
            f"số cài đặt chưa tổng hợp được, tạm tính {n}",
        )
    )
    scene.notes.append(said)
    joint = rng.choice(("; ", ". ", "\n- "))
    text = f"Tổng số ĐV, NLĐ: {m}; có ĐTTM: {s}{joint}{said}."
    return _mail(scene, "text: decoy", text, nothing=True)


def vague(scene: Scene) -> Specimen:
    """One of the figures is only about so much."""
    rng = scene.rng
    at = rng.randrange(3)
    word = rng.choice(
        (
            "khoảng ",
            "gần ",
            "hơn ",
            "trên ",
            "dưới ",
            "xấp xỉ ",
            "~",
            "ước ",
            "ước tính ",
            "chừng ",
            "độ ",
            "không quá ",
            "tối thiểu ",
            "ít nhất ",
            "hơn",
            "≈ ",
            "> ",
            "< ",
        )
    )
    shown = [f"{word.rstrip() + ' ' if word[-1] != '~' else word}{v}" if k == at else str(v) for k, v in enumerate(scene.values)]
    tail = rng.choice(("", "", "", " (ước)", "+"))
    m, s, i = shown
    text = rng.choice(
        (
            f"Tổng số ĐV, NLĐ: {m}{tail}; có ĐTTM: {s}; đã cài: {i}.",
            f"Đơn vị có {m} đoàn viên, người lao động; có {s} người có điện thoại thông minh; có {i} người đã cài Bluezone.",
        )
    )
    scene.notes.append(f"[{at}] {word}{tail}")
    return _mail(scene, "text: vague", text, nothing=True)


FAMILIES: dict[str, Callable[[Scene], Specimen]] = {
    "text: list": listed,
    "text: announced": announced,
    "text: sentence": sentence,
    "text: noisy": noisy,
    "text: compared": compared,
    "text: decoy": decoy,
    "text: vague": vague,
}
