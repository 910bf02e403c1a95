// Writes the pupils of make.py with SheetJS.
const XLSX = require("xlsx");
const path = require("path");
const rows = require("./pupils.json").map((row, line) =>
  row.map((value, column) => (line > 0 && column === 4 ? new Date(value + "T00:00:00") : value)));
const sheet = XLSX.utils.aoa_to_sheet(rows, { dateNF: "dd/mm/yyyy" });
const book = XLSX.utils.book_new();
XLSX.utils.book_append_sheet(book, sheet, "Danh sách");
for (const kind of ["xlsx", "xlsb", "xls", "ods", "csv", "txt", "html", "xlml"]) {
  const name = { xlml: "sheetjs.xml", html: "sheetjs.html" }[kind] || "sheetjs." + kind;
  XLSX.writeFile(book, path.join(__dirname, name), { bookType: kind === "xls" ? "biff8" : kind, cellDates: false });
}
