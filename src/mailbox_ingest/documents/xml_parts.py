"""One XML part of a zipped office file, parsed within bounds. Resolves no entity, reads no network; refuses with DocumentError."""

from __future__ import annotations

import zipfile

from lxml import etree

from mailbox_ingest.documents.guard import check_xml, read_part
from mailbox_ingest.errors import DocumentError


def read_xml(archive: zipfile.ZipFile, name: str, *, what: str) -> etree._Element | None:
    """The root of a part, without comments and instructions; None where there is none. `what` names the format in the error."""
    part = read_part(archive, name)
    if part is None:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(check_xml(part), parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise DocumentError("unreadable", f"{what} part {name}: {problem}") from problem
