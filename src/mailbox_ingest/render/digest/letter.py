"""The weekly digest as a mail: text, HTML, inline charts and the workbook. Takes figures, changes none."""

from __future__ import annotations

from pathlib import Path

from mailbox_ingest.bulk import keeping_everything
from mailbox_ingest.config import OrganisationConfig
from mailbox_ingest.model import LetterContent, OutgoingAttachment
from mailbox_ingest.render import wording
from mailbox_ingest.render.digest.context import Health, Picture, digest_context, worst_first
from mailbox_ingest.render.digest.words import missing_label, rate_text
from mailbox_ingest.render.templates import Templates, shipped
from mailbox_ingest.rollup.figures import RateFigure, UnitWeek, WeeklyDigest

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MAX_BARS = 60
MAX_TREND_WEEKS = 26


@keeping_everything()
def digest_letter(
    digest: WeeklyDigest,
    *,
    organisation: OrganisationConfig,
    health: Health,
    templates_dir: Path | None = None,
    template: str = "digest-weekly",
) -> LetterContent:
    """The mail of one digest, complete with its files. `templates_dir` holds an operator's own templates.

    Raises ConfigurationError when one of them is wrong.
    """
    # Spreadsheet and drawing libraries take a second to import, and only a digest needs them.
    from mailbox_ingest.render.digest.consolidated import consolidated_report  # noqa: PLC0415 - docxtpl, openpyxl and matplotlib are paid for by who sends
    from mailbox_ingest.render.workbook.workbook import XLSX, digest_workbook  # noqa: PLC0415 - as above

    workbook = OutgoingAttachment(
        name=f"{digest.form.name}-{digest.period}.xlsx", content_type=XLSX, data=digest_workbook(digest, organisation=organisation)
    )
    report = OutgoingAttachment(
        name=f"bao-cao-tong-hop-{digest.form.name}-{digest.period}.docx",
        content_type=DOCX,
        data=consolidated_report(digest, organisation=organisation, templates_dir=templates_dir),
    )
    drawn = _pictures(digest)
    pictures = {name: picture for name, (picture, _) in drawn.items()}
    context = digest_context(
        digest,
        organisation=organisation,
        health=health,
        trend=pictures.get("trend"),
        bars=pictures.get("units"),
        workbook=workbook.name,
        consolidated=report.name,
    )
    templates = shipped() if templates_dir is None else Templates(templates_dir)
    return templates.letter(template, context, (*(file for _, file in drawn.values()), workbook, report))


def _pictures(digest: WeeklyDigest) -> dict[str, tuple[Picture, OutgoingAttachment]]:
    headline = digest.headline
    if headline is None:
        return {}
    from mailbox_ingest.render.digest import charts  # noqa: PLC0415 - as above

    target = headline.rate.target_percent
    target_label = "" if target is None else f"Mục tiêu {wording.percent(target)}"
    pictures = {}
    weeks = digest.history[-MAX_TREND_WEEKS:]
    if len(weeks) > 1:
        points = [
            charts.TrendPoint(
                label=f"Tuần {p.period.week}", percent=p.rates[headline.rate.name].percent, shown=rate_text(p.rates[headline.rate.name])
            )
            for p in weeks
        ]
        told = ", ".join(f"{p.label.lower()}: {p.shown}" for p in points)
        png = charts.trend(points, title=headline.rate.title, target=target, target_label=target_label)
        pictures["trend"] = _picture("trend", f"Diễn biến qua các tuần: {told}.", "Diễn biến qua các tuần", png)
    if digest.units:
        shown, cut = _bars(digest, headline)
        bars = [
            charts.Bar(
                label=u.unit.name,
                group=u.unit.group or "Khác",
                percent=u.rates[headline.rate.name],
                shown=missing_label(u) if u.report is None else _share(u, headline),
            )
            for u in shown
        ]
        heading = f"{MAX_BARS} đơn vị có tỷ lệ thấp nhất" if cut else "Từng đơn vị"
        missing = digest.completeness.missing
        alt = f"{headline.rate.title} của {len(bars)} đơn vị (số liệu có trong tệp Excel kèm theo); {missing} đơn vị chưa có số liệu."
        png = charts.bars(bars, title=headline.rate.title, target=target, target_label=target_label)
        pictures["units"] = _picture("units", alt, heading, png)
    return pictures


def _bars(digest: WeeklyDigest, headline: RateFigure) -> tuple[list[UnitWeek], bool]:
    """The units to draw: all, or the ones that need attention when a phone could not show all."""
    ordered = worst_first(digest.units, headline.rate.name)
    if len(ordered) <= MAX_BARS:
        place = {group.name: n for n, group in enumerate(digest.groups)}
        return sorted(ordered, key=lambda u: (place[u.unit.group], -(u.rates[headline.rate.name] or -1))), False
    return ordered[:MAX_BARS], True


def _share(unit: UnitWeek, headline: RateFigure) -> str:
    share = unit.rates[headline.rate.name]
    return "–" if share is None else wording.percent(share)


def _picture(name: str, alt: str, heading: str, png: bytes) -> tuple[Picture, OutgoingAttachment]:
    cid = f"{name}@digest"
    return Picture(cid=cid, alt=alt, heading=heading), OutgoingAttachment(
        name=f"{name}.png", content_type="image/png", data=png, content_id=cid
    )
