/*
 * A form that is a grid of fields: what was copied in a spreadsheet is pasted into many of them at once, and keys go
 * from row to row. Without this file the fields are filled in one by one.
 *
 * <form data-grid> holds rows [data-grid-row], each with as many fields; [data-grid-said="… {n} …"] is where it is said
 * how many were filled in, with data-grid-rest="… {n} …" for the rows that found no place. The sentences stand in
 * the markup, in the reader's language.
 */
(() => {
  "use strict";

  const grid = document.querySelector("form[data-grid]");
  if (!grid) return;

  const fieldsOf = (row) => [...row.querySelectorAll("input:not([type=hidden]), select")];
  const rows = [...grid.querySelectorAll("[data-grid-row]")].map(fieldsOf);

  /** Where a field stands: row and column; nothing for a field of another form. */
  const placeOf = (field) => {
    const row = rows.findIndex((fields) => fields.includes(field));
    return row < 0 ? null : { row, column: rows[row].indexOf(field) };
  };

  /** What spreadsheets put on the clipboard: tabs and line ends; a cell that holds one of them stands in quotes. */
  const cellsOf = (text) => {
    const table = [[""]];
    let quoted = false;
    for (let at = 0; at < text.length; at += 1) {
      const sign = text[at];
      const row = table[table.length - 1];
      const cell = row[row.length - 1];
      if (quoted) {
        if (sign !== "\"") row[row.length - 1] += sign;
        else if (text[at + 1] === "\"") { row[row.length - 1] += "\""; at += 1; }
        else quoted = false;
      } else if (sign === "\"" && cell === "") quoted = true;
      else if (sign === "\t") row.push("");
      else if (sign === "\n") table.push([""]);
      else if (sign !== "\r") row[row.length - 1] += sign;
    }
    const last = table[table.length - 1];
    if (table.length > 1 && last.length === 1 && last[0] === "") table.pop();
    return table;
  };

  const isChoice = (field) => field instanceof HTMLSelectElement;

  /** Puts a value into a field; of choices, the one that reads so. False where there is none. */
  const put = (field, value) => {
    if (!isChoice(field)) {
      field.value = value;
      return true;
    }
    const reads = (text) => text.trim().toLocaleLowerCase();
    const option = [...field.options].find((each) => [each.text, each.value].some((text) => reads(text) === reads(value)));
    if (option) field.value = option.value;
    return Boolean(option);
  };

  const say = (filled, rest) => {
    const told = grid.querySelector("[data-grid-said]");
    if (!told) return;
    const sentences = [told.dataset.gridSaid.replace("{n}", filled)];
    if (rest > 0) sentences.push(told.dataset.gridRest.replace("{n}", rest));
    told.textContent = sentences.join(" ");
  };

  grid.addEventListener("paste", (event) => {
    const start = placeOf(event.target);
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!start || !/[\t\n]/.test(text.replace(/\r?\n$/, ""))) return;
    const table = cellsOf(text);
    event.preventDefault();
    let filled = 0;
    table.forEach((cells, down) => cells.forEach((cell, right) => {
      const field = rows[start.row + down]?.[start.column + right];
      const value = cell.replace(/\s+/g, " ").trim();
      // An empty cell says nothing, and takes nothing away.
      if (!field || value === "") return;
      if (put(field, value)) filled += 1;
    }));
    say(filled, Math.max(0, start.row + table.length - rows.length));
  });

  // As in a spreadsheet: Enter and the arrows go up and down. Enter in the last row goes on to the button.
  grid.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const step = { Enter: event.shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    // The arrows change a choice.
    const isOwn = isChoice(event.target) && event.key !== "Enter";
    const place = step && !isOwn ? placeOf(event.target) : null;
    if (!place) return;
    event.preventDefault();
    const next = rows[place.row + step]?.[place.column];
    if (next) {
      next.focus();
      next.select?.();
    } else if (event.key === "Enter" && step > 0) {
      grid.querySelector(".btn-primary").focus();
    }
  });

  // What was typed and not saved is asked about before the page goes.
  let isSent = false;
  grid.addEventListener("submit", () => { isSent = true; });
  addEventListener("pageshow", () => { isSent = false; });
  addEventListener("beforeunload", (event) => {
    const wasShown = (field) =>
      isChoice(field) ? [...field.options].find((each) => each.defaultSelected)?.value ?? "" : field.defaultValue;
    const isTyped = rows.flat().some((field) => field.value !== wasShown(field));
    if (isTyped && !isSent) event.preventDefault();
  });
})();
