"""Remarks that take figures back, in words no form lists; and the sentences of every report that do not."""

from __future__ import annotations

import pytest

from mailbox_ingest.forms.doubts import remark_in
from mailbox_ingest.vietnamese.fold import strip_accents

TAKEN_BACK = [
    "Ghi chú: chưa có số liệu của 2 CĐCS.",
    "Còn 2 CĐCS chưa nộp báo cáo",
    "Số liệu trên chưa được Ban Thường vụ xác nhận",
    "Mới có 15 đơn vị gửi về",
    "(Số liệu của 15/17 CĐCS)",
    "Đã cài 590 (trừ 3 người đi công tác)",
    "Đã cài 590 (gồm cả 20 người hợp đồng thời vụ)",
    "Số này em lấy theo tháng 7.",
    "Đây là số liệu phiếu khảo sát nhanh.",
    "Em sẽ gửi số chính xác sau.",
    "Số liệu chính thức sẽ báo cáo sau",
    "Em không chắc số này, anh kiểm tra giúp.",
    "Đây là số liệu của công đoàn bạn gửi nhờ.",
    "Có thể số liệu còn sai.",
    "Không bao gồm khối doanh nghiệp",
    "Chỉ tính lao động trong biên chế",
    "Bộ phận tổ chức đang tổng hợp thêm",
    "Kết quả này mang tính tham khảo",
    "Số liệu của xã Hải An bị lệch",
    "Chỉ thống kê được những người trong nhóm Zalo",
    "Số smartphone tính cả máy tính bảng",
    "Đây là số đầu tháng",
    "Cập nhật 14h: 595 người",
    "Báo cáo này thay cho báo cáo của Điện lực Đông Hà",
    "(đã bao gồm 45 lao động thời vụ)",
    "(1) Kể cả hợp đồng dưới 6 tháng",
    "Ghi chú: mục 3 đã bao gồm cả người nhà của đoàn viên.",
    "Trong số đó có 45 người cài rồi lại gỡ.",
    "Số liệu này của tháng 7, tháng 8 chưa có.",
    "Trong file mục 3 sửa lại thành 580 giúp em.",
    "Em gửi báo cáo, dòng số 3 phải là 580 ạ.",
    "Anh bỏ file này giúp em, em gửi file khác.",
    "Anh đừng lấy số này vội.",
    "Số trong file là của tuần trước, tuần này không thay đổi.",
    "Đơn vị em tuần này tăng thêm 5 người cài so với file.",
    "Sau khi gửi file có thêm 5 người cài.",
    "File này là của Điện lực Đông Hà.",
    "Em gửi báo cáo, anh xem thế này đúng chưa ạ?",
    "Em gửi trước số liệu, chờ lãnh đạo ký ạ.",
    "À quên, còn phòng kỹ thuật 20 người nữa.",
    "Chưa có phòng kế toán.",
    "Phòng kế toán em chưa hỏi được.",
    "Số đã cài gồm người thân của đoàn viên.",
    "Thực tế có thể thấp hơn.",
    "Số đã cài là theo đăng ký.",
    "Chị chờ em chốt lại với phòng tổ chức nhé.",
    "Số smartphone em đoán.",
    "Ngày mai em gửi lại bản chuẩn.",
    "Em copy từ báo cáo tuần trước.",
    "Em nộp bù cho tuần trước ạ.",
]
HARMLESS = [
    "Vận động người thân và gia đình cùng cài đặt.",
    "Tháo gỡ khó khăn: hỗ trợ kỹ thuật cho đoàn viên lớn tuổi.",
    "Đơn vị chưa có trường hợp nào nghi nhiễm.",
    "So với tuần trước tăng 20 người.",
    "Số liệu không thay đổi so với tuần trước.",
    "Anh chị phản hồi giúp em đã nhận được chưa ạ.",
    "Bản giấy có dấu đơn vị gửi sau qua bưu điện.",
    "Số liệu đã được Ban Thường vụ kiểm tra, xác nhận.",
    "Khó khăn: Một số đoàn viên lớn tuổi chưa sử dụng điện thoại thông minh.",
    "Một số CĐCS vùng sâu chưa có mạng internet nên việc cài đặt gặp khó khăn.",
    "Đơn vị sẽ tiếp tục vận động số còn lại cài đặt và báo cáo vào tuần sau.",
    "Thực hiện Công văn số 597/LĐLĐ-CTCS, đơn vị báo cáo kết quả như sau:",
    "Còn 10 đoàn viên chưa cài do máy không hỗ trợ.",
    "Nhờ chị tổng hợp giúp em với ạ.",
    "17/17 CĐCS đã báo cáo.",
    "100% CĐCS đã báo cáo.",
    "Báo cáo hôm qua nhầm số liệu, xin gửi lại báo cáo thay thế.",
    "Em gửi trước bản scan, bản cứng em gửi sau ạ.",
    "Số liệu cập nhật đến 16h00 ngày 20/8/2020.",
    "Kính gửi Ban CTCS, trụ sở các đơn vị",
    "Nơi nhận: Như trên; Các đơn vị trực thuộc; Lưu CĐ.",
    "Không có đoàn viên nhiễm Covid.",
    "Toàn bộ số liệu đã được kiểm tra.",
    "Trong tuần đơn vị đã cài thêm 20 người.",
    "Số liệu tính đến cuối tháng 8.",
    "Đơn vị thay mặt đoàn viên cảm ơn.",
]


@pytest.mark.parametrize("text", TAKEN_BACK)
def test_a_remark_that_takes_figures_back_is_found_with_and_without_accents(text: str) -> None:
    found = remark_in(f"Kính gửi Ban CTCS.\n{text}\nTrân trọng!")
    assert found is not None
    assert found in text
    assert remark_in(strip_accents(text)) is not None


@pytest.mark.parametrize("text", HARMLESS)
def test_what_every_report_says_takes_nothing_back(text: str) -> None:
    assert remark_in(text) is None


def test_the_place_of_a_tone_mark_and_its_encoding_change_nothing() -> None:
    assert remark_in("chưa đối chiếu xong, còn thiếu xã Hoà An") == remark_in("chưa đối chiếu xong, còn thiếu xã Hòa An")
    assert remark_in("Số liệu chưa chốt") is not None  # decomposed letters
