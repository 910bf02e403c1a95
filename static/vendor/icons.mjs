// Writes the sprite `icons.svg` (to stdout) from the package @tabler/icons:
//
//     node icons.mjs PACKAGE-FOLDER VERSION > ../icons.svg
//
// A page shows one of them with
//
//     <svg class="icon" aria-hidden="true"><use href="/assets/icons.svg#key"></use></svg>
//
// Colour is the text's; size and stroke width come from `.icon` in css/schoolgate.css.

import { readFileSync } from "node:fs";
import { join } from "node:path";

// By Tabler's own names, as on https://tabler.io/icons. An icon that no page uses goes.
const NAMES = [
  // The menu
  "school", "home", "users", "file-spreadsheet", "user-check", "shield-check", "chalkboard",
  "calendar", "writing", "chart-bar", "refresh", "settings", "history", "building", "menu-2",
  // The top bar
  "search", "language", "moon", "sun", "user", "logout", "selector",
  // What one does
  "plus", "user-plus", "key", "devices-off", "printer", "download", "upload", "edit", "trash",
  "copy", "check", "x", "list-check", "arrow-back-up", "arrows-right-left", "dots-vertical",
  "external-link", "eye", "eye-off",
  // Where one goes
  "arrow-right", "chevron-right", "chevron-left", "chevron-down", "chevron-up",
  // What is so
  "alert-triangle", "alert-circle", "info-circle", "circle-check", "user-off", "key-off",
  "device-mobile", "shield", "lock", "lock-open", "clock",
  // What is told of people and schools
  "mail", "phone", "map-pin", "id", "door",
];

const [folder, version] = process.argv.slice(2);
const drawings = JSON.parse(readFileSync(join(folder, "tabler-nodes-outline.json"), "utf8"));

/** One element of a drawing, e.g. `["path", {d: "M15 9h.01"}]`. */
const element = ([tag, attributes]) =>
  `<${tag} ${Object.entries(attributes).map(([name, value]) => `${name}="${value}"`).join(" ")}/>`;

const symbol = (name) => {
  if (!drawings[name]) throw new Error(`@tabler/icons ${version} has no outline icon "${name}"`);
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" ` +
    `stroke-linecap="round" stroke-linejoin="round">${drawings[name].map(element).join("")}</symbol>`;
};

console.log(`<!-- From Tabler Icons ${version} (https://tabler.io/icons), MIT licence, ` +
  `© 2020-2026 Paweł Kuna. Written by vendor/icons.mjs: do not edit. -->`);
console.log(`<svg xmlns="http://www.w3.org/2000/svg">`);
NAMES.toSorted().forEach((name) => console.log(symbol(name)));
console.log(`</svg>`);
