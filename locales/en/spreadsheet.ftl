## Why a file is not read: what it is and what to do

refusal-empty = This file is empty. Check it and choose it again.
refusal-too-large = This file is larger than 20 MB. Delete pictures and sheets that are not needed, or split it into smaller files.
refusal-inflates = This file unpacks to far too much data and was not opened. Copy the list alone into a new spreadsheet and save that.
refusal-protected = This file is protected with a password. Open it in Excel, take the password off (File → Info → Protect Workbook → Encrypt with Password → leave it empty), save it and upload it again.
refusal-broken = This file is damaged and cannot be opened. Open it in Excel or LibreOffice, save it as a new .xlsx file and upload that.
refusal-picture = This file is a picture, not a spreadsheet. Type the list into the template, or upload the original Excel file.
refusal-word-document = This file is a Word document, not a spreadsheet. Copy the table from it into Excel, save it as .xlsx and upload that.
refusal-presentation = This file is a presentation, not a spreadsheet. Upload the Excel file that has the list.
refusal-pdf = This file is a PDF, not a spreadsheet. Upload the original Excel file, or copy the list into the template.
refusal-archive = This file is an archive (.zip, .rar, …). Unpack it and upload the spreadsheet inside.
refusal-apple-numbers = This file is an Apple Numbers spreadsheet. Open it in Numbers, choose File → Export To → Excel, and upload the .xlsx file.
refusal-old-excel = This file was saved by a very old Excel (before Excel 97). Open it in Excel or LibreOffice, save it as .xlsx and upload that.
refusal-html-without-table = This file is a web page, and it has no table that can be read. Open it in Excel, save it as .xlsx and upload that.
refusal-unknown = The type of this file is not recognised. Upload an Excel (.xlsx, .xls) or LibreOffice (.ods) spreadsheet, or a .csv file.
refusal-no-table = No list was found in this file. Check that the table has a header row such as “Full name”, “Date of birth”, “{ word-class-cap }”, or use the template.
refusal-too-many-rows = The list has more than 100,000 people. Split it into smaller files.
refusal-too-many-columns = The table has more than 200 columns. Delete those that are not needed.
refusal-timeout = Reading this file took too long and was stopped. Copy the list alone into a new spreadsheet and save that.
refusal-memory = Reading this file took too much memory and was stopped. Copy the list alone into a new spreadsheet, save it as .xlsx and upload that.
refusal-unknown-encoding = There is no such encoding. Choose one from the list.
refusal-no-such-sheet = The file has no sheet of this name. Check what it is called there, capital letters and spaces included.
refusal-reader-failed = The file could not be read because of a fault on our side. Try again in a few minutes; if it still fails, tell your administrator.

## The encoding of a text file: guessed, and open to change

encoding-guessed = The file does not say how its text is encoded; { $name } was guessed. If the line below looks wrong, choose another.
encoding-utf-8 = Unicode (UTF-8)
encoding-utf-16le = Unicode (UTF-16)
encoding-utf-16be = Unicode (UTF-16 BE)
encoding-windows-1258 = Vietnamese Windows (CP 1258)
encoding-windows-1252 = Western Windows (CP 1252)
encoding-tcvn3 = TCVN3 (ABC, .VnTime fonts)
encoding-vni = VNI (VNI-Times fonts)

## The table and its columns

table-other-sheets = The file has other sheets with lists, which were not read: { $sheets }.
table-unknown-column = The column “{ $header }” is not recognised; choose what it holds, or leave it empty if it is not used.
table-without-names = No column with names was found; choose the one with the full names.

## Guesses: $value is what was entered, $new is what will be stored

guess-gender-mark = By the mark in the column Male/Female, the gender is { $new ->
    [male] { gender-male }
    [female] { gender-female }
   *[other] { $new }
}.
guess-class-from-above = The { word-class } { $new } comes from a row further up.
guess-class-from-title = The { word-class } { $new } comes from the list's title.
guess-class-from-sheet-name = The { word-class } { $new } comes from the sheet's name.

## Values in files

value-gender-male = Male
value-gender-female = Female
value-gender-other = Other
value-status-invited = Invited
value-status-pending = Pending
value-status-active = Active
value-status-suspended = Suspended
value-status-left = Left

## The template

template-sheet-list = List
template-sheet-guide = How to fill in
template-sheet-choices = Choices
template-first-name = First name
template-last-name = Last name
template-choose = Choose from the list, or type.
template-example-mark = Example:
template-guide-title = How to fill in the list
template-guide-required = Columns with (*) are required for new people.
template-guide-required-students = Columns with (*) are required for new people. A new pupil also needs the name and year of birth of the mother or of a guardian.
template-guide-example = The row “Example” only shows how to fill in; it is never imported. Delete it or leave it.
template-guide-paste = You can paste a list that you already have; the order of columns does not matter as long as the header row stays.
template-guide-again = Importing the same file again adds nobody twice: people who are already there are only updated.
template-guide-column = Column
template-guide-content = Content

## The sheet of failed rows

failed-sheet = Failed rows
failed-column = Error
refusal-discarded = This import was discarded, and its file and rows were deleted. Nothing was imported.
refusal-rights-lost = The person who uploaded this file may no longer import lists. Nothing was imported.
refusal-expired = This import is more than 90 days old, and its file and rows were deleted. Upload the file again.
refusal-broken-text = Letters of this file were lost: many of them have become question marks. Open the original file again, save it as .xlsx (or CSV UTF-8) and upload that.
encoding-utf-8-twice = Unicode encoded twice
