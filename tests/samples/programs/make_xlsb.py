"""Makes excel_cells.xlsb of the .xlsb that make.cjs wrote: SheetJS writes cells in a short form, without their column;
Excel writes them in the long one, which is the one that is read."""

import struct
import zipfile

# MS-XLSB 2.1.4: BrtShortRk to BrtShortIsst, and the records that say the same with a column before.
LONG = {0x0D: 0x02, 0x0E: 0x03, 0x0F: 0x04, 0x10: 0x05, 0x11: 0x06, 0x12: 0x07}
CELLS = range(0x01, 0x13)


def records(data):
    at = 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        kind, length = number(), number()
        yield kind, data[at : at + length]
        at += length


def packed(value):
    out = b""
    while True:
        value, byte = value >> 7, value & 0x7F
        if value == 0:
            return out + bytes([byte])
        out += bytes([byte | 0x80])


def long_cells(sheet):
    out, column = b"", 0
    for kind, content in records(sheet):
        if kind == 0x00:
            column = -1
        elif kind in LONG:
            kind, column = LONG[kind], column + 1
            content = struct.pack("<I", column) + content
        elif kind in CELLS:
            column = struct.unpack_from("<I", content)[0]
        # A type of two bytes keeps the bit that says so.
        out += packed(kind) + packed(len(content)) + content
    return out


with zipfile.ZipFile("sheetjs.xlsb") as old, zipfile.ZipFile("excel_cells.xlsb", "w", zipfile.ZIP_DEFLATED) as new:
    for name in old.namelist():
        part = old.read(name)
        new.writestr(name, long_cells(part) if name.endswith("sheet1.bin") else part)
