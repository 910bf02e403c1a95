/*
 * The grid of a class: arrow keys lead from field to field, and what is typed is sent with Enter. Without this file the
 * fields are reached with Tab.
 */
(() => {
  "use strict";

  const FIELDS = "input[name=subject], input[name=lesson]";
  const fieldAt = (cell) => cell?.querySelector(FIELDS);

  /** The field beside this one, over the headings of the sessions. */
  const beside = (field, rows, columns) => {
    const cell = field.closest("td");
    const line = cell.parentElement;
    const lines = [...line.closest("table").querySelectorAll("tbody tr")].filter((each) => each.querySelector("td"));
    const at = [...line.children].indexOf(cell);
    return fieldAt(lines[lines.indexOf(line) + rows]?.children[at + columns]);
  };

  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest?.("[data-tt-grid] :is(input[name=subject], input[name=lesson])");
    const step = steps[event.key];
    if (!field || !step || event.altKey || event.ctrlKey || event.metaKey) return;
    const [rows, columns] = step;
    // Within what is typed left and right move the cursor; up and down with Alt are the list of suggestions.
    const isAll = field.selectionStart === 0 && field.selectionEnd === field.value.length;
    const atEdge = columns < 0 ? field.selectionStart === 0 : field.selectionEnd === field.value.length;
    if (columns !== 0 && !isAll && !atEdge) return;
    const next = beside(field, rows, columns);
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.select();
  });

  const focused = document.querySelector("[data-tt-grid] input[autofocus]");
  if (focused) {
    focused.focus();
    focused.select();
  }
})();
