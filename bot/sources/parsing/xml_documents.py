"""XML of foreign hosts: without entities, document types and anything from elsewhere."""

from __future__ import annotations

from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from bot.errors import SourceError
from bot.sources.http.responses import without_marks


def parse_xml(content: bytes, place: str, root_name: str) -> Any:
    """The root element, byte order marks and blanks before it ignored.

    Raises SourceError when it is no XML, has a document type, or another root.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(without_marks(content).strip(), parser)
    except (etree.XMLSyntaxError, ValueError):
        raise SourceError(f"{place} holds XML that cannot be read") from None
    if root.getroottree().docinfo.doctype:
        raise SourceError(f"{place} holds XML with a document type, which it never has")
    name = etree.QName(root).localname
    if name != root_name:
        raise SourceError(f"{place} holds <{name[:40]}> where <{root_name}> is expected")
    return root
