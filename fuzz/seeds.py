#!/usr/bin/env python3
"""Makes small seeds of the samples in tests/samples: few rows, zips stored as they are, text in every encoding; and
the dictionary, of headers and of what the formats are made of. Needs nothing but Python."""

import io
import pathlib
import re
import zipfile

HERE = pathlib.Path(__file__).parent
SAMPLES = HERE.parent / "tests" / "samples"
HEADERS = next((HERE.parent / "src").glob("**/headers.txt"))
ROWS = 8
LARGEST = 40_000
# Parts that nobody reads.
DROPPED = re.compile(r"theme|docProps|Thumbnails|settings\.xml|Configurations|meta\.xml|manifest\.rdf|printerSettings")
MARKUP = r"""
<row <row> </row> <c <c/> <v> </v> <t> <is> <f> <si> <sst <font> <xf <mergeCell r=" t=" s=" t="s" t="inlineStr" t="b" t="e" t="d" t="str"
t="n" spans=" numFmtId=" date1904="1" r="A1" r="XFD1048576" r="B2" hidden="1" state="hidden" xml:space="preserve" ref="A1:C3" &amp; &#10;
&#x0; &#1114112; &lt; <![CDATA[ ]]> <!-- --> <?xml <!DOCTYPE <!ENTITY <table:table <table:table-row <table:table-cell <text:p> <text:s/>
<table:covered-table-cell table:number-rows-repeated=" table:number-columns-repeated=" office:value=" office:value-type=" office:date-value="
<html> <table <tr> </tr> <td> <th> </td> <td colspan= rowspan= colspan="3" rowspan="99999" <br> <meta charset= <style> <script>
<Worksheet <Row <Cell <Data ss:Index=" ss:MergeAcross=" ss:Type=" ss:StyleID=" .VnTime .VnTimeH VNI-Times sep=; 1e308 -1 0.5 1e-9 99999999999
31/02/2011 15/11/2011 2011-11-15 15.11.11 44000 1048576 16384 65536 4294967295 18446744073709551616 Nam Nữ x 1 0 10A1 6/2 0912345678 +84
LỚP Lớp Tổng TT =1+1 '=x @ \xff\xfe \xef\xbb\xbf \x00\x00 \xff\xff\xff\xff \x09\x08\x10\x00 \x85\x00 \xfc\x00 \x3c\x00 \x0a\x00 \x00\x02
"""


def cut_rows(text: str) -> str:
    for row in ("row", "table:table-row", "Row", "tr"):
        rows = list(re.finditer(rf"<{row}[ >].*?</{row}>", text, re.S))
        if len(rows) > ROWS:
            return text[: rows[ROWS - 1].end()] + text[rows[-1].end() :]
    return text


def small_zip(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for part in old.infolist():
            if DROPPED.search(part.filename) or part.file_size > 4 * LARGEST:
                continue
            data = old.read(part)
            if part.filename.endswith(".xml"):
                data = cut_rows(data.decode(errors="replace")).encode()
            new.writestr(part.filename, data)
    return out.getvalue()


def text_in_encodings(text: str) -> dict[str, bytes]:
    """The text as the programs save it. Of the old alphabets there are samples."""
    return {"utf8": text.encode(), "bom": text.encode("utf-8-sig"), "utf16le": text.encode("utf-16"),
            "utf16be": b"\xfe\xff" + text.encode("utf-16-be"), "cp1258": text.encode("cp1258", errors="replace")}


def seeds():
    for path in sorted(SAMPLES.rglob("*")):
        if not path.is_file() or path.suffix in (".py", ".cjs", ".json", ".tsv") or path.stat().st_size > 150_000:
            continue
        content = path.read_bytes()
        if content[:2] == b"PK":
            yield path.name, small_zip(content)
        elif path.suffix in (".csv", ".txt", ".html", ".xml") and content[:2] != b"\xff\xfe":
            short = cut_rows(content.decode("utf-8-sig", errors="surrogateescape"))
            short = "\n".join(short.split("\n")[:ROWS]) if path.suffix in (".csv", ".txt") else short
            yield path.name, short.encode(errors="surrogateescape")
            if path.suffix == ".csv" and short.encode(errors="replace").decode() == short:
                for encoding, encoded in text_in_encodings(short).items():
                    yield f"{path.stem}-{encoding}", encoded
                    yield f"{path.stem}-{encoding}-semicolon", encoded.replace(b",", b";")
        else:
            yield path.name, content


def dictionary():
    headers = [part.strip() for line in HEADERS.read_text().splitlines() if "=" in line and not line.startswith("#")
               for part in line.split("=", 1)[1].split(",")]
    tokens = [token.encode().decode("unicode_escape").encode("latin-1") if "\\x" in token else token.encode()
              for token in MARKUP.split()]
    for token in tokens + [header.encode() for header in headers[::3]]:
        yield '"' + "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\' else f"\\x{b:02x}" for b in token) + '"'


(HERE / "seeds").mkdir(exist_ok=True)
for name, content in seeds():
    if len(content) <= LARGEST:
        (HERE / "seeds" / name).write_bytes(content)
(HERE / "spreadsheet.dict").write_text("\n".join(dict.fromkeys(dictionary())) + "\n")
