"""One mail's documents through forms and judgement as the product does it, on an empty store; no files, no network."""

from __future__ import annotations

import csv
import functools
from collections.abc import Sequence
from datetime import datetime
from io import StringIO

from sqlalchemy.orm import Session

from mailbox_ingest import forms
from mailbox_ingest.config import AdmissionConfig, FormConfig, OrganisationConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.documents.body import read_body
from mailbox_ingest.model import AuthResult, Document, IncomingMessage, Mailbox, Reading, SenderAuthentication, Unit, Verdict
from mailbox_ingest.periods import local_day
from mailbox_ingest.reading.extract import Extraction
from mailbox_ingest.reading.registry import Registry
from mailbox_ingest.reading.verdicts import decide
from mailbox_ingest.store.database.engine import open_engine, session_factory
from mailbox_ingest.store.tables.base import Base

_UNITS = """code,name,group,emails,aliases
ldld-dong-ha,LĐLĐ thành phố Đông Hà,huyện,dong-ha@don-vi.example,
ldld-thi-xa-quang-tri,LĐLĐ thị xã Quảng Trị,huyện,thi-xa@don-vi.example,LĐLĐ TX Quảng Trị
ldld-vinh-linh,LĐLĐ huyện Vĩnh Linh,huyện,vinh-linh@don-vi.example,
ldld-huong-hoa,LĐLĐ huyện Hướng Hóa,huyện,huong-hoa@don-vi.example,LĐLĐ huyện Hướng Hoá
ldld-dakrong,LĐLĐ huyện Đakrông,huyện,dakrong@don-vi.example,LĐLĐ huyện Đa Krông
ldld-con-co,LĐLĐ huyện đảo Cồn Cỏ,huyện,con-co@don-vi.example,
cdn-giao-duc,Công đoàn ngành Giáo dục,ngành,giao-duc@don-vi.example,
cdn-y-te,Công đoàn ngành Y tế,ngành,y-te@don-vi.example,
cdn-nong-nghiep,Công đoàn ngành Nông nghiệp và PTNT,ngành,nong-nghiep@don-vi.example,CĐN NN&PTNT
cdvc-tinh,Công đoàn Viên chức tỉnh,ngành,vien-chuc@don-vi.example,CĐVC tỉnh
cd-cuc-thue,Công đoàn Cục Thuế tỉnh,trực thuộc,tai-chinh@don-vi.example,
cd-kho-bac,Công đoàn Kho bạc Nhà nước Quảng Trị,trực thuộc,tai-chinh@don-vi.example,
cdcs-tinh-bot-san-huong-hoa,CĐCS Nhà máy Tinh bột sắn Hướng Hóa,trực thuộc,tinh-bot-san@don-vi.example,
cdcs-thuy-dien-dakrong,CĐCS Công ty CP Thủy điện Đakrông,trực thuộc,thuy-dien@don-vi.example,
"""


@functools.cache
def form() -> FormConfig:
    return builtin_form("bluezone")


@functools.cache
def units() -> tuple[Unit, ...]:
    rows = csv.DictReader(StringIO(_UNITS))
    return tuple(
        Unit(
            code=row["code"],
            name=row["name"],
            group=row["group"],
            emails=tuple(row["emails"].split(";")),
            aliases=tuple(a for a in row["aliases"].split(";") if a),
        )
        for row in rows
    )


@functools.cache
def registry() -> Registry:
    return Registry.of(units(), OrganisationConfig().superiors)


@functools.cache
def empty_store() -> Session:
    engine = open_engine("sqlite://")
    Base.metadata.create_all(engine)
    return session_factory(engine)()


def readings_of(found: Sequence[Document], *, year: int) -> tuple[Reading, ...]:
    return tuple(reading for document in found for reading in forms.read(document, form(), year=year))


def verdict_on(
    attached: Sequence[Document],
    *,
    sender: str,
    arrived_at: datetime,
    subject: str = "Báo cáo Bluezone",
    body: str = "Kính gửi Ban Công tác cơ sở, đơn vị xin gửi báo cáo.",
    html: str | None = None,
    closing: str = "",
) -> Verdict:
    """What becomes of a mail with these documents, sent by a person whose provider vouches for the address."""
    found = (*attached, *read_body(body, html))
    extraction = Extraction(
        incoming=IncomingMessage(
            message_id="<thu@don-vi.example>",
            sender=Mailbox(email=sender),
            subject=subject,
            received_at=arrived_at,
            own_text=body,
            html=html,
            signature=closing,
            authentication=SenderAuthentication(result=AuthResult.PASS),
        ),
        arrived_at=arrived_at,
        readings=readings_of(found, year=local_day(arrived_at).year),
        failures=(),
        attachments=(),
    )
    return decide(empty_store(), extraction, registry(), (form(),), AdmissionConfig())
