"""Writes the same 40 pupils with openpyxl, XlsxWriter and LibreOffice; make.cjs does it with SheetJS.

    pip install openpyxl XlsxWriter; npm install xlsx; python3 make.py; node make.cjs
"""
import csv, datetime, json, os, subprocess
import openpyxl, xlsxwriter

HERE = os.path.dirname(os.path.abspath(__file__))
FAMILY = ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Hoàng", "Đặng", "Đỗ"]
MIDDLE = ["Văn", "Thị", "Hữu", "Ngọc", "Thùy"]
GIVEN = ["An", "Bình", "Phượng", "Đạt", "Hằng", "Kiếm", "Quỳnh", "Ước"]
HEADERS = ["STT", "Họ và tên (*)", "Giới tính (*)", "Lớp (*)", "Ngày sinh (*)", "Họ và tên mẹ", "Năm sinh của mẹ",
           "Email", "Điện thoại", "Địa chỉ", "CMND/CCCD"]

def pupil(n):
    return [n + 1, f"{FAMILY[n % 8]} {MIDDLE[n % 5]} {GIVEN[n * 3 % 8]}", "Nữ" if n % 2 else "Nam", f"10A{1 + n % 3}",
            datetime.date(2010 + n % 2, 1 + n % 12, 1 + n * 7 % 28), f"{FAMILY[n * 5 % 8]} Thị {GIVEN[n % 8]}", 1970 + n % 20,
            f"hs{n}@example.edu.vn", f"09{12345678 + n * 1009:08d}", f'Số {n}, phố "Hàng Bông"; Hà Nội\nViệt Nam',
            f"0{n % 9 + 1:02d}{3 if n % 2 else 2}{10 + n % 2}{n * 7919 % 1000000:06d}"]

ROWS = [pupil(n) for n in range(40)]

def with_openpyxl(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Danh sách"
    sheet.append(HEADERS)
    for row in ROWS:
        sheet.append(row)
    for cell in sheet["E"][1:]:
        cell.number_format = "dd/mm/yyyy"
    book.save(path)

def with_xlsxwriter(path):
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Danh sách")
    date = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.write_row(0, 0, HEADERS)
    for line, row in enumerate(ROWS, 1):
        for column, value in enumerate(row):
            if isinstance(value, datetime.date):
                sheet.write_datetime(line, column, datetime.datetime.combine(value, datetime.time()), date)
            elif isinstance(value, str):
                sheet.write_string(line, column, value)
            else:
                sheet.write(line, column, value)
    book.close()

def expected(path):
    with open(path, "w", encoding="utf-8") as out:
        for line, row in enumerate(ROWS, 2):
            out.write("\t".join([str(line), row[1], "female" if row[2] == "Nữ" else "male", row[3], row[4].isoformat(), row[5],
                                 str(row[6]), row[7], row[8], row[9].replace("\n", " "), row[10], "", "", ""]) + "\n")

with_openpyxl(os.path.join(HERE, "openpyxl.xlsx"))
with_xlsxwriter(os.path.join(HERE, "xlsxwriter.xlsx"))
expected(os.path.join(HERE, "expected.tsv"))
json.dump([HEADERS] + [[v.isoformat() if isinstance(v, datetime.date) else v for v in row] for row in ROWS],
          open(os.path.join(HERE, "pupils.json"), "w"), ensure_ascii=False)
for kind in ["ods", "xls", "xlsx", "csv:Text - txt - csv (StarCalc):44,34,76,1"]:
    out = os.path.join(HERE, "libreoffice")
    subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file:///tmp/lo-{os.getpid()}", "--convert-to", kind, "--outdir", out,
                    os.path.join(HERE, "openpyxl.xlsx")], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    suffix = kind.split(":")[0]
    os.replace(os.path.join(out, f"openpyxl.{suffix}"), os.path.join(HERE, f"libreoffice.{suffix}"))
os.rmdir(os.path.join(HERE, "libreoffice"))
