"""Excel and Word 2003 XML are read by way of LibreOffice; what is no safe XML never reaches it."""

import shutil

import pytest

from mailbox_ingest.documents import office_xml
from mailbox_ingest.errors import DocumentError

EXCEL = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="BC"><Table><Row><Cell><Data ss:Type="String">Tổng số</Data></Cell><Cell><Data ss:Type="Number">4215</Data></Cell></Row>
</Table></Worksheet></Workbook>"""


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_an_excel_2003_xml_file_is_read(limits, texts):
    document = office_xml.read(EXCEL.encode(), "a.xls", limits)
    assert document.kind == "xml"
    assert texts(document) == ["Tổng số | 4215"]


def test_entities_are_refused_before_libreoffice_sees_them(limits):
    with pytest.raises(DocumentError) as caught:
        office_xml.read(b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>' + EXCEL.encode()[22:], "a.xls", limits)
    assert caught.value.code == "unreadable"
