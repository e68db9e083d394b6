"""The same slips by what else can be installed: each library used as its manual does, codes given as modules."""

import base64
import html
import io
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import fpdf
import typst
import weasyprint
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Image as FlowImage
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table

from bench.slips import SHOP, Slip
from documents.font_files import FONT_FOLDER
from documents.matrix_codes import encode_qr

FONT: Final = FONT_FOLDER / "BIZUDPGothic_400Regular.ttf"
HEADER: Final = ("品番", "品名", "数量", "単価", "金額")
LEFTS: Final = (18, 45, 132, 149, 171)
IN_A_LINE: Final = 54


def draw_code(slip: Slip) -> Image.Image:
    symbol = encode_qr(slip.url.encode())
    width = -(-symbol.side // 8) * 8
    picture = Image.frombytes("1", (width, symbol.side), bytes(byte ^ 0xFF for byte in symbol.rows))
    return picture.crop((0, 0, symbol.side, symbol.side))


def list_rows(slip: Slip) -> list[tuple[str, ...]]:
    return [(row.sku, row.name, str(row.quantity), f"¥{row.price:,}", f"¥{row.amount:,}") for row in slip.lines]


def break_message(message: str) -> list[str]:
    return [message[start : start + IN_A_LINE] for start in range(0, len(message), IN_A_LINE)]


@cache
def register_font() -> str:
    pdfmetrics.registerFont(TTFont("BIZ", str(FONT)))
    return "BIZ"


def by_canvas(slips: Sequence[Slip]) -> bytes:
    """ReportLab's canvas."""
    font, sink = register_font(), io.BytesIO()
    canvas = Canvas(sink, pagesize=A4)

    def write(x: float, y: float, text: str, size: float = 9) -> None:
        canvas.setFont(font, size)
        canvas.drawString(x * mm, (297 - y) * mm, text)

    for slip in slips:
        write(18, 20, SHOP, 18)
        write(132, 20, "納品書", 18)
        write(132, 33, f"ご注文番号 {slip.order_number}")
        write(18, 33, f"〒{slip.postal_code}")
        write(18, 39, slip.address)
        write(18, 47, f"{slip.recipient} 様", 14)
        y = 66.0
        for row in (HEADER, *list_rows(slip)):
            for left, text in zip(LEFTS, row, strict=True):
                write(left, y, text)
            canvas.line(18 * mm, (294 - y) * mm, 192 * mm, (294 - y) * mm)
            y += 7
        write(132, y + 4, f"合計 ¥{slip.total:,}", 14)
        for number, line in enumerate(break_message(slip.message)):
            write(18, y + 14 + 5 * number, line)
        canvas.drawImage(ImageReader(draw_code(slip)), 168 * mm, 20 * mm, 22 * mm, 22 * mm)
        write(150, 285, slip.code)
        canvas.showPage()
    canvas.save()
    return sink.getvalue()


def by_platypus(slips: Sequence[Slip]) -> bytes:
    """ReportLab's flowables."""
    body = ParagraphStyle("body", fontName=register_font(), fontSize=9, leading=13, wordWrap="CJK")
    story: list[Any] = []
    for slip in slips:
        address = f"{SHOP}　納品書<br/>ご注文番号 {slip.order_number}<br/>〒{slip.postal_code}<br/>{slip.address}"
        table = Table([HEADER, *list_rows(slip)], style=[("FONT", (0, 0), (-1, -1), "BIZ", 9)])
        picture = io.BytesIO()
        draw_code(slip).save(picture, "PNG")
        story += [Paragraph(f"{address}<br/>{slip.recipient} 様", body), table]
        story += [Paragraph(f"合計 ¥{slip.total:,}", body), Paragraph(slip.message, body)]
        story += [FlowImage(picture, 22 * mm, 22 * mm), Paragraph(slip.code, body), PageBreak()]
    sink = io.BytesIO()
    SimpleDocTemplate(sink, pagesize=A4).build(story)
    return sink.getvalue()


def by_fpdf2(slips: Sequence[Slip]) -> bytes:
    """fpdf2."""
    pdf = fpdf.FPDF(format="A4")
    pdf.add_font("BIZ", "", str(FONT))
    for slip in slips:
        pdf.add_page()
        texts = [(18, 20, SHOP, 18), (132, 20, "納品書", 18), (132, 33, f"ご注文番号 {slip.order_number}", 9)]
        texts += [(18, 33, f"〒{slip.postal_code}", 9), (18, 39, slip.address, 9), (18, 47, f"{slip.recipient} 様", 14)]
        y = 66
        for row in (HEADER, *list_rows(slip)):
            texts += [(left, y, text, 9) for left, text in zip(LEFTS, row, strict=True)]
            pdf.line(18, y + 3, 192, y + 3)
            y += 7
        texts.append((132, y + 4, f"合計 ¥{slip.total:,}", 14))
        texts += [(18, y + 14 + 5 * number, line, 9) for number, line in enumerate(break_message(slip.message))]
        for x, top, text, size in [*texts, (150, 285, slip.code, 9)]:
            pdf.set_font("BIZ", size=size)
            pdf.text(x, top, text)
        pdf.image(draw_code(slip), 168, 255, 22, 22)
    return bytes(pdf.output())


def by_typst(slips: Sequence[Slip]) -> bytes:
    """Typst: one source for all pages."""
    pages = []
    for slip in slips:
        cells = ", ".join(f"[{text}]" for row in (HEADER, *list_rows(slip)) for text in row)
        picture = io.BytesIO()
        draw_code(slip).save(picture, "PNG")
        data = ", ".join(str(byte) for byte in picture.getvalue())
        pages.append(
            f"#text(18pt)[{SHOP}　納品書]\n\nご注文番号 {slip.order_number}\n\n"
            f"〒{slip.postal_code}\n\n{slip.address}\n\n"
            f"#text(14pt)[{slip.recipient} 様]\n\n#table(columns: 5, stroke: none, {cells})\n\n"
            f"#text(14pt)[合計 ¥{slip.total:,}]\n\n{slip.message}\n\n"
            f"#image(bytes(({data})), width: 22mm)\n{slip.code}"
        )
    head = '#set page(paper: "a4", margin: 18mm)\n#set text(font: "BIZ UDPGothic", size: 9pt, lang: "ja")\n'
    source = head + "\n#pagebreak()\n".join(pages)
    compiler: Any = typst
    return bytes(compiler.compile(source.encode(), font_paths=[str(FONT_FOLDER)]))


def by_weasyprint(slips: Sequence[Slip]) -> bytes:
    """WeasyPrint: one HTML document."""
    pages = []
    for slip in slips:
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in row) + "</tr>"
            for row in (HEADER, *list_rows(slip))
        )
        picture = io.BytesIO()
        draw_code(slip).save(picture, "PNG")
        data = base64.b64encode(picture.getvalue()).decode()
        pages.append(
            f"<section><h1>{SHOP} 納品書</h1><p>ご注文番号 {slip.order_number}<p>〒{slip.postal_code}<p>{slip.address}"
            f"<h2>{slip.recipient} 様</h2><table>{rows}</table><h2>合計 ¥{slip.total:,}</h2><p>{slip.message}"
            f"<p><img style='width:22mm' src='data:image/png;base64,{data}'><p>{slip.code}</section>"
        )
    style = (
        f"@font-face{{font-family:BIZ;src:url({Path(FONT).as_uri()})}}"
        "@page{size:A4;margin:18mm}body{font:9pt BIZ}section{break-after:page}td{border-bottom:1px solid #ccc}"
    )
    return bytes(weasyprint.HTML(string=f"<style>{style}</style>{''.join(pages)}").write_pdf())


# Name → how, and how many pages it is asked for: slow ones are not waited for.
PEERS: Final[dict[str, tuple[Callable[[Sequence[Slip]], bytes], int]]] = {
    "reportlab_canvas": (by_canvas, 400),
    "reportlab_platypus": (by_platypus, 100),
    "fpdf2": (by_fpdf2, 200),
    "typst": (by_typst, 300),
    "weasyprint": (by_weasyprint, 10),
}
