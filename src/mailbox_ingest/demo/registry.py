"""The units of the demo: names as public lists have them, addresses invented (RFC 2606), sizes invented."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from mailbox_ingest.model import Unit

MAILBOX = "baocao.ctcs@congdoan-quangtri.example"
LEADERSHIP = "lanhdao@congdoan-quangtri.example"

DISTRICT, BRANCH, CENTRAL = "Huyện, thị xã, thành phố", "Công đoàn ngành", "Khối trực thuộc trung ương"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoUnit:
    """A unit with what its letters need: the place they are dated from, its clerk, and how many members it has."""

    unit: Unit
    place: str
    clerk: str
    members: int


_ROWS: tuple[tuple[str, str, str, str, str, int], ...] = (  # code, name, group, place, clerk, members
    ("ldld-dong-ha", "LĐLĐ thành phố Đông Hà", DISTRICT, "Đông Hà", "Lê Thị Hoài", 4862),
    ("ldld-tx-quang-tri", "LĐLĐ thị xã Quảng Trị", DISTRICT, "Quảng Trị", "Bùi Quang Tuấn", 1546),
    ("ldld-vinh-linh", "LĐLĐ huyện Vĩnh Linh", DISTRICT, "Vĩnh Linh", "Trần Văn Hải", 4215),
    ("ldld-gio-linh", "LĐLĐ huyện Gio Linh", DISTRICT, "Gio Linh", "Đỗ Thị Loan", 2874),
    ("ldld-cam-lo", "LĐLĐ huyện Cam Lộ", DISTRICT, "Cam Lộ", "Phan Ngọc Dũng", 1938),
    ("ldld-trieu-phong", "LĐLĐ huyện Triệu Phong", DISTRICT, "Triệu Phong", "Trương Thị Hiền", 2733),
    ("ldld-hai-lang", "LĐLĐ huyện Hải Lăng", DISTRICT, "Hải Lăng", "Võ Văn Thắng", 2950),
    ("ldld-huong-hoa", "LĐLĐ huyện Hướng Hóa", DISTRICT, "Hướng Hóa", "Hồ Thị Lan", 3620),
    ("ldld-dakrong", "LĐLĐ huyện Đakrông", DISTRICT, "Đakrông", "Hồ Văn Thanh", 1842),
    ("ldld-con-co", "LĐLĐ huyện đảo Cồn Cỏ", DISTRICT, "Cồn Cỏ", "Nguyễn Đình Nam", 86),
    ("cdn-giao-duc", "Công đoàn ngành Giáo dục", BRANCH, "Đông Hà", "Nguyễn Thị Thủy", 2410),
    ("cdn-y-te", "Công đoàn ngành Y tế", BRANCH, "Đông Hà", "Cáp Đức Long", 3126),
    ("cdn-cong-thuong", "Công đoàn ngành Công Thương", BRANCH, "Đông Hà", "Cáp Minh Lợi", 2042),
    ("cdn-nong-nghiep", "Công đoàn ngành Nông nghiệp và PTNT", BRANCH, "Đông Hà", "Lê Quang Hưng", 1287),
    ("cdn-giao-thong", "Công đoàn ngành Giao thông Vận tải", BRANCH, "Đông Hà", "Trần Thị Nga", 914),
    ("cdn-xay-dung", "Công đoàn ngành Xây dựng", BRANCH, "Đông Hà", "Phạm Văn Sơn", 1105),
    ("cdvc-tinh", "Công đoàn Viên chức tỉnh", BRANCH, "Đông Hà", "Hoàng Thị Mai", 3348),
    ("cd-khu-kinh-te", "Công đoàn Khu kinh tế tỉnh", BRANCH, "Đông Hà", "Đỗ Văn Khánh", 2716),
    ("cd-buu-dien", "Công đoàn Bưu điện tỉnh", CENTRAL, "Đông Hà", "Nguyễn Thu Hường", 309),
    ("cd-vien-thong", "Công đoàn Viễn thông Quảng Trị", CENTRAL, "Đông Hà", "Lê Văn Phúc", 268),
    ("cd-dien-luc", "Công đoàn Công ty Điện lực Quảng Trị", CENTRAL, "Đông Hà", "Phan Thị Hằng", 624),
    ("cd-ngan-hang", "Công đoàn Ngân hàng Nhà nước tỉnh", CENTRAL, "Đông Hà", "Hồ Thanh Hòa", 742),
    ("cd-hai-quan", "Công đoàn Cục Hải quan", CENTRAL, "Đông Hà", "Võ Thị Quỳnh", 231),
    ("cd-cuc-thue", "Công đoàn Cục Thuế tỉnh", CENTRAL, "Đông Hà", "Trần Đức Anh", 396),
    ("cd-kho-bac", "Công đoàn Kho bạc Nhà nước Quảng Trị", CENTRAL, "Đông Hà", "Dương Thị Tuyết", 153),
    ("cd-bhxh", "Công đoàn Bảo hiểm xã hội tỉnh", CENTRAL, "Đông Hà", "Lê Thị Hạnh", 185),
    ("cdcs-cao-dang-su-pham", "CĐCS Trường Cao đẳng Sư phạm Quảng Trị", BRANCH, "Đông Hà", "Nguyễn Hữu Tài", 142),
    ("cdcs-tinh-bot-san", "CĐCS Nhà máy Tinh bột sắn Hướng Hóa", CENTRAL, "Hướng Hóa", "Trần Thị Yến", 145),
    ("cdcs-xang-dau", "CĐCS Công ty Xăng dầu Quảng Trị", CENTRAL, "Đông Hà", "Bùi Văn Cường", 203),
    ("cdcs-thuy-dien", "CĐCS Công ty CP Thủy điện Đakrông", CENTRAL, "Đakrông", "Cáp Thị Hiền", 38),
    ("cdcs-may-hoa-tho", "CĐCS Công ty May Hòa Thọ - Đông Hà", BRANCH, "Đông Hà", "Lê Thị Loan", 1320),
    ("cdcs-benh-vien", "CĐCS Bệnh viện Đa khoa tỉnh", BRANCH, "Đông Hà", "Nguyễn Thị Ánh", 715),
)

_ALIASES = {
    "ldld-tx-quang-tri": ("LĐLĐ TX Quảng Trị",),
    "ldld-huong-hoa": ("LĐLĐ huyện Hướng Hoá",),
    "ldld-dakrong": ("LĐLĐ huyện Đa Krông",),
    "cdn-nong-nghiep": ("CĐN NN&PTNT",),
    "cdvc-tinh": ("CĐVC tỉnh",),
    "cd-vien-thong": ("CĐ VNPT Quảng Trị",),
}

UNITS: tuple[DemoUnit, ...] = tuple(
    DemoUnit(
        unit=Unit(
            code=code,
            name=name,
            group=group,
            emails=(f"{code.replace('-', '.')}@congdoan.example",),
            aliases=_ALIASES.get(code, ()),
        ),
        place=place,
        clerk=clerk,
        members=members,
    )
    for code, name, group, place, clerk, members in _ROWS
)
BY_CODE = {item.unit.code: item for item in UNITS}


def write_units_csv(path: Path) -> None:
    """The registry as `mailbox-ingest units import` reads it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("code", "name", "group", "emails", "aliases"))
        rows.writerows(
            (item.unit.code, item.unit.name, item.unit.group, ";".join(item.unit.emails), ";".join(item.unit.aliases)) for item in UNITS
        )
