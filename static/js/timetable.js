/*
 * The grid of a class: arrow keys lead from field to field, what is typed is sent with Enter, and lessons are dragged with
 * the mouse. Without this file the fields are reached with Tab, and a form below the grid swaps lessons.
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

  // A lesson is dragged by what stands below its field to another period of the class, and changes places with what is
  // there: the form for that is sent.
  const swap = document.querySelector("form[data-tt-swap]");
  const FAR = 6;
  let dragged = null;

  const over = (cell) => {
    if (dragged.over === cell) return;
    dragged.over?.classList.remove("is-over");
    dragged.over = cell;
    cell?.classList.add("is-over");
  };

  const letGo = () => {
    over(null);
    dragged.cell.classList.remove("is-dragged");
    dragged = null;
  };

  document.addEventListener("pointerdown", (event) => {
    const cell = event.target.closest?.("[data-tt-grid] td.has-lesson form > a")?.closest("td");
    if (!swap || !cell || event.button !== 0) return;
    dragged = { cell, x: event.clientX, y: event.clientY, over: null, moves: false };
  });

  document.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    dragged.moves ||= Math.hypot(event.clientX - dragged.x, event.clientY - dragged.y) > FAR;
    if (!dragged.moves) return;
    dragged.cell.classList.add("is-dragged");
    const cell = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-tt-grid] td[data-slot]");
    over(cell === dragged.cell ? null : cell);
  });

  document.addEventListener("pointerup", () => {
    if (!dragged) return;
    const { cell, over: target, moves } = dragged;
    letGo();
    if (!moves) return;
    // What is let go over a link does not follow it.
    const stay = (event) => event.preventDefault();
    document.addEventListener("click", stay, { capture: true, once: true });
    setTimeout(() => document.removeEventListener("click", stay, { capture: true }));
    if (!target) return;
    swap.elements.one.value = cell.dataset.slot;
    swap.elements.two.value = target.dataset.slot;
    swap.requestSubmit();
  });

  // The browser's own dragging of a link would take it over.
  document.addEventListener("dragstart", (event) => {
    if (dragged) event.preventDefault();
  });
  document.addEventListener("pointercancel", () => dragged && letGo());
  document.addEventListener("keydown", (event) => {
    if (dragged && event.key === "Escape") letGo();
  });

  const focused = document.querySelector("[data-tt-grid] input[autofocus]");
  if (focused) {
    focused.focus();
    focused.select();
  }
})();
