"""Remarks that take figures back: not complete, not certain, not final, not everybody. Language, not form: a form adds its own words.

A remark may stand anywhere: in the mail, above a table, in a note, in a bracket. Its wording has no end, so the patterns name what such
remarks are made of (a negation and a verb of reporting, 'còn' and a count of bodies, …) and a person looks whenever one fits.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from mailbox_ingest.vietnamese.fold import fold, nfc

# '|' parts alternatives, '_' joins words, '<n' is a gap of up to n words, '#' a number; {…} names a list below.
_LISTS = {
    "figures": "số_liệu|con_số|các_số|số_này|số_trên|kết_quả_này|báo_cáo|bảng_này",
    "reporting": "nộp|gửi|báo_cáo|có_số_liệu|số_liệu|tổng_hợp|thống_kê|cập_nhật|gồm|bao_gồm|tính|kể|đầy_đủ|đủ|rà_soát|cung_cấp|chốt"
    "|xác_minh|xác_nhận|đối_chiếu|kiểm_tra|chính_xác|chính_thức|chuẩn|hoàn_chỉnh|khớp|chắc|hoàn_thành_báo_cáo|thu_thập|nắm_được",
    "bodies": "cđcs|công_đoàn|đơn_vị|cơ_sở|chi_nhánh|xã|phường|trường|phòng|khối|tổ|bộ_phận|nghiệp_đoàn|doanh_nghiệp|công_ty|huyện",
    "row": "mục|dòng|ô|cột|chỗ|số_ở_mục",
    "papers": "file|bảng|bản|báo_cáo|số_liệu|số|kết_quả|mẫu|tệp",
    "these": "số_liệu_này|số_này|con_số_này|số_liệu_trên|số_trên|kết_quả_này|bảng_này",
    "again": "chốt_lại|kiểm_tra_lại|rà_soát_lại|đối_chiếu_lại|xác_nhận_lại|tính_lại|đếm_lại|hỏi_lại|xem_lại",
    "wrong": "sai|nhầm|lệch|thiếu|sót|chênh|lẫn",
}
_NEXT = ("như", "tuần", "kỳ", "lần", "tháng", "đợt", "quý", "ngày")  # 'như sau' announces, 'báo cáo tuần sau' promises a report
_PATTERNS = (
    "chưa <2 {reporting}",
    "số_liệu|số_liệu_trên|số_liệu_này|con_số|con_số_trên|con_số_này|kết_quả_trên|kết_quả_này chưa",
    "không|chẳng <1 chắc|chắc_chắn|đầy_đủ|chính_xác|khớp|gồm|bao_gồm|thống_kê|tổng_hợp|rà_soát|nắm_được",
    "còn|còn_lại|còn_thiếu|mới|mới_có|mới_chỉ|mới_được|mới_tổng_hợp|chỉ_có|chỉ_mới|thiếu # {bodies}",
    "{figures} <2 tạm|tạm_thời|sơ_bộ|bước_đầu|ước|ước_tính|ước_chừng|khảo_sát|cũ|thử|nháp|tham_khảo|mang_tính",
    "lấy theo|từ|tạm|của|số_cũ",
    "hình_như|có_lẽ|nghe_nói|ước_lượng|áng_chừng|phỏng_đoán|ước_đoán|khảo_sát_nhanh|đang_rà_soát|đang_tổng_hợp|đang_thống_kê|đang_kiểm_tra",
    "trừ #|các|những|số|khối|cđcs|đơn_vị|nhân_viên|lao_động|người|trường|công_ty|xã",
    "ngoại_trừ|loại_trừ|không_bao_gồm|chỉ_tính|chỉ_gồm|chỉ_bao_gồm|chỉ_thống_kê|mới_tính",
    "tính_cả|kể_cả|gồm_cả|cộng_cả|tính_luôn|gộp_cả|cộng_thêm|cộng_dồn|cộng_gộp|tính_gộp <2 #",
    "gửi nhờ|hộ|giúp",
    "số_đúng|con_số_đúng|số_thật|số_thực",
    # corrected in passing
    "sửa|sửa_lại|đổi|đổi_lại|chỉnh|chỉnh_lại|điều_chỉnh|ghi_lại <3 thành|xuống",
    "phải_là|đúng_ra|lẽ_ra|đáng_lẽ #",
    "{row} <3 phải_là|đúng_là|thực_ra|thực_tế",
    "thực_tế <3 có_thể|thấp|cao|ít|nhiều|khác|chỉ|hơn|kém|là",
    "so_với|khác|ngoài file|bảng|biểu|tệp|số_trên|số_liệu_trên|danh_sách|thực_tế",
    "sau_khi|từ_khi gửi|nộp|chốt|lập <6 thêm",
    # not to be taken
    "bỏ|bỏ_qua|xóa|hủy|đừng|khoan|không|chớ <1 lấy|dùng|tính|tổng_hợp|sử_dụng <1 file|bảng|bản|số|số_liệu|báo_cáo|tệp|kết_quả",
    "bỏ|bỏ_qua|xóa|hủy file|bảng|bản|số|số_liệu|báo_cáo|tệp",
    "đúng|chuẩn|ổn chưa",
    "như_thế|như_vậy|thế_này|vậy <2 đúng|được|ổn không|chưa",
    "chờ|đợi em|tôi|mình|chúng_em|đơn_vị",
    "sẽ|cần|phải|để|đang|nhờ|anh|chị|vui_lòng|em|tôi <2 {again}",
    "em|tôi|mình đoán",
    "quên <4 {bodies}|tính|cộng|số|#",
    "báo_miệng|nói_miệng|đại_khái|không_nhớ|không_rõ|chưa_rõ|số_tạm|số_cũ|bản_cũ|dữ_liệu_cũ|ví_dụ|minh_họa|test_thử|thư_thử|mail_thử|gửi_test",
    "chưa_hỏi|chưa_liên_hệ|chưa_gọi|chưa_xong|chưa_điền|chưa_thống_nhất",
    "chưa_có|chưa_thấy <1 phòng|đơn_vị|cđcs|bộ_phận|khối|chi_nhánh|nhà_máy|phân_xưởng",
    # of others, of another time, of another kind
    "gồm_cả|bao_gồm_cả|tính_cả|tính_luôn|cộng_cả người|nhân_viên|lao_động|hợp_đồng|thời_vụ|gia_đình|số|khối|đơn_vị|cả",
    "gồm|bao_gồm|kể_cả|cài_hộ|cài_giúp|gồm_cả|cài_cho <4 người_thân|người_nhà|gia_đình|con_em|phụ_huynh|học_sinh|khách_hàng|người_dân",
    "chỉ <2 thống_kê|tính|gồm|đếm|tổng_hợp",
    "gồm_cả|bao_gồm_cả|tính_cả|kể_cả <1 máy|hợp_đồng|smartphone|điện_thoại|thiết_bị",
    "đã|có <1 bao_gồm|gồm|tính|cộng #",
    "số|số_liệu <1 đầu|giữa|cuối tháng|năm|quý|kỳ",
    "cập_nhật|bổ_sung|cập_nhật_lại <3 # người|máy|đồng_chí|đoàn_viên",
    "thay|thay_cho báo_cáo|số_liệu của",
    "tính_trùng|bị_trùng|đếm_trùng|trùng_lặp|tính_hai_lần",
    "đã|vừa|lại|bị|rồi|người|máy|tự gỡ",
    "gỡ ứng_dụng|bỏ|app|bluezone|cài_đặt|ra",
    "{papers} <4 là của|là_của|là_số_của|là_số_liệu_của",
    "{these} <2 của|là|theo <1 tháng|quý|năm_ngoái|năm_trước|kỳ|đợt|tuần_trước|lần_trước",
    "số|số_liệu|{these} <4 theo đăng_ký|trí_nhớ|danh_sách_cũ|ước_tính",
    "copy|chép|chép_lại|lấy_lại|lấy_từ|lấy_nguyên|bê_nguyên|để_nguyên|giữ_nguyên <4 tuần|kỳ|lần|báo_cáo|tháng|file|cũ",
    "tuần thứ hai|ba|tư|bốn|năm|nhất|cuối",
    "nộp_bù|gửi_bù|báo_cáo_bù|báo_bù",
    "làm_tròn|tự_khai|tự_báo_cáo|ghi_tạm|tính_luôn|lượt_tải|mới_đúng|kiểm_chứng|chưa_cộng|chưa_trừ|chưa_loại|tính_hai|trùng_trên",
    "có|bao_gồm|gồm|trừ|người|đồng_chí <2 nghỉ_hưu|nghỉ_việc|chuyển_đi|chuyển_công_tác|thời_vụ",
    "chỉ_có khối|văn_phòng|phòng|cơ_quan|những|tổ|một_số",
    "lấy|ước|ghi <3 số|theo <2 tuần_trước|kỳ_trước|cũ|tháng_trước",
    "sửa|chỉnh|đổi <2 giúp|hộ <4 dòng|mục|ô|số",
    "thêm|bớt|cộng|trừ|điền <3 giúp|hộ|giùm",
    "không hợp_lý|hợp_lệ",
    "đang|chờ|phải <1 hỏi|gọi|liên_hệ|xác_minh",
    "để em|tôi|mình|cháu|chúng_em|chúng_tôi <1 gọi|hỏi|kiểm|xem|rà|tính|gửi|xin|cập_nhật|bổ_sung",
    "mới <1 {reporting} được|xong",
    "thì <2 tuần_sau|hôm_sau|kỳ_sau|lần_sau|ngày_mai|mai",
    "theo|qua|kết_quả <1 kiểm_tra|xác_minh|rà_soát|đối_chiếu <1 thực_tế <3 #",
)
# Said of figures that are compared, another week is no doubt.
_OTHER_WEEK = (
    "{papers} <4 của|theo|từ tuần_trước|kỳ_trước|tháng_trước|lần_trước|đợt_trước|năm_ngoái",
    "nộp|gửi|báo_cáo <1 tuần_trước|tuần_qua|tuần_rồi|kỳ_trước",
)
_COMPARED = ("so_với|thay_thế|đính_chính|gửi_lại|sửa_lại|tăng|giảm|nhầm|là #",)
# Not signed yet, not agreed yet; said of the stamped copy it is nothing.
_WAITING = (
    "chờ|đợi|chưa <5 ký|duyệt|phê_duyệt|chốt|xác_nhận|đóng_dấu|ý_kiến|thống_nhất",
    "mai|sáng_mai|chiều|chiều_nay|tối|sẽ|tuần_sau|hôm_sau <4 gửi|nộp <3 lại|bản_chuẩn|bản_đúng|số_chuẩn|số_mới|file_khác|file_mới",
)
# Said of the paper, these promise a stamped copy, not other figures.
_LATER = (
    "sẽ|xin|em|tôi|đơn_vị <2 gửi|báo_cáo|bổ_sung|cập_nhật|đính_chính|điều_chỉnh <4 sau|chính_thức|chính_xác|đầy_đủ",
    "gửi|báo_cáo|bổ_sung|cập_nhật|điều_chỉnh|đính_chính sau",
    "số_liệu|số|con_số|kết_quả|báo_cáo chính_thức|chính_xác|đầy_đủ <4 sau",
)
_PAPER = ("bản_giấy|bản_cứng|bản_gốc|bản_chính|bản_có_dấu|bản_đóng_dấu|bản_ký|bản_scan|bưu_điện|văn_bản_giấy",)
# Said of an earlier report, these explain why this one comes.
_WRONG = ("{figures} <5 {wrong}", "{wrong} <2 {figures}|{bodies}", "có_thể <2 {wrong}|thay_đổi|khác")
_NEXT_TIME = ("cập_nhật|bổ_sung|gửi|báo_cáo <2 tuần_sau|kỳ_sau|lần_sau|hôm_sau|ngày_mai|sáng_mai|chiều_nay|đầu_tuần",)
_GOES_ON = ("tiếp_tục", "định_kỳ", "hàng_tuần")
_EARLIER = (
    "hôm_qua|hôm_trước|lần_trước|trước_đó|trước_đây|vừa_rồi|đã_gửi|ban_đầu|sáng_nay|hôm_kia|kỳ_trước|thay_thế|đính_chính|gửi_lại|sửa_lại",
)
_REMARKS = ((_PATTERNS, ()), (_NEXT_TIME, _GOES_ON), (_WRONG, _EARLIER), (_LATER, _PAPER), (_OTHER_WEEK, _COMPARED), (_WAITING, _PAPER))
_COVERAGE = re.compile(
    r"(?<![\d/])(\d{1,4})\s?(?:/|tren|trong)\s?(?:tong so\s)?(\d{1,4})(?![\d/])\s*"
    r"(?:cdcs|cd|don vi|co so|chi nhanh|xa|phuong|truong|khoi|to|doanh nghiep)\b"
)
# 'Tổng số CĐCS: 45; đã báo cáo: 43'
_REPORTED = re.compile(
    r"\b(?:cdcs|cong doan co so|don vi|co so|doanh nghiep|truong hoc)(?: truc thuoc)?\s*(?:la|co)?\s*:?\s*(\d{1,4})\b[^\d\n]{0,30}?"
    r"\b(?:bao cao|nop|gui)\b[^\d\n]{0,20}?(\d{1,4})\b(?![/.,]?\d)"
)
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_TONES = {"\u0300": "2", "\u0301": "1", "\u0303": "4", "\u0309": "3", "\u0323": "5"}
_MAX_CHARACTERS = 100_000


def remark_in(text: str) -> str | None:
    """The words of the first remark by which a text takes figures back ('chưa tổng hợp'), None where there is none."""
    for match in _REPORTED.finditer(_plain(nfc(text)[:_MAX_CHARACTERS])):
        if int(match[2]) < int(match[1]):
            return match.group()
    for sentence in re.split(r"[.!?;]\s|[.!?;]$|\n", nfc(text)[:_MAX_CHARACTERS]):
        if len(sentence) < 4:
            continue
        flat = sentence.isascii()
        spoken = " ".join(word if flat else _spelt(word) for word in _WORD.findall(sentence.lower()))
        found = next((hit for remarks, excuses in _REMARKS if (hit := _unexcused(remarks, excuses, spoken, flat=flat))), None)
        if found is not None:
            return found.group().strip() if flat else _as_written(sentence, spoken, found.span())
        for match in _COVERAGE.finditer(_plain(sentence)):
            if int(match[1]) < int(match[2]):
                return sentence[match.start() : match.end()].strip() if len(_plain(sentence)) == len(sentence) else match.group()
    return None


def _unexcused(remarks: tuple[str, ...], excuses: tuple[str, ...], spoken: str, *, flat: bool) -> re.Match[str] | None:
    found = _compiled(remarks, flat).search(spoken)
    return None if found is None or (excuses and _compiled(excuses, flat).search(spoken)) else found


def _plain(sentence: str) -> str:
    """Lower case without accents, punctuation kept."""
    decomposed = unicodedata.normalize("NFD", sentence.lower().replace("đ", "d"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _as_written(sentence: str, spoken: str, span: tuple[int, int]) -> str:
    first = spoken[: span[0]].count(" ") + (1 if spoken[span[0] : span[0] + 1] == " " else 0)
    last = first + spoken[span[0] : span[1]].strip().count(" ")
    words = list(_WORD.finditer(sentence.lower()))
    return sentence[words[first].start() : words[min(last, len(words) - 1)].end()]


@lru_cache(maxsize=4096)
def _spelt(word: str) -> str:
    """A word with its tone behind it, so that 'hoà' and 'hòa' are one: 'hoa2'."""
    letters = unicodedata.normalize("NFD", word)
    tone = next((_TONES[c] for c in letters if c in _TONES), "")
    return unicodedata.normalize("NFC", "".join(c for c in letters if c not in _TONES)) + tone


@lru_cache(maxsize=8)
def _compiled(patterns: tuple[str, ...], flat: bool) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?:^|(?<= ))(?:{_pattern(p, flat)})(?= |$)" for p in patterns))


def _pattern(text: str, flat: bool) -> str:
    for name, listed in _LISTS.items():
        text = text.replace("{" + name + "}", listed)
    parts: list[str] = []
    for item in text.split():
        if item.startswith("<"):
            parts.append(rf"(?: [^ ]+){{0,{int(item[1:])}}} ")
            continue
        if parts and not parts[-1].endswith(" "):
            parts.append(" ")
        parts.append("(?:" + "|".join(_alternative(a, flat) for a in item.split("|")) + ")")
    return "".join(parts)


def _alternative(item: str, flat: bool) -> str:
    if item == "#":
        return r"\d+"
    spell = fold if flat else _spelt
    if item == "sau":
        return "".join(f"(?<!{spell(word)} )" for word in _NEXT) + "sau"
    return " ".join(spell(word) for word in item.split("_"))
