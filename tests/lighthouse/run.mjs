// Lighthouse's marks of the pages that people open most: the list, the review of an import, and signing in.
//
//     node run.mjs PROGRAM
//
// Starts a demo of its own in a temporary folder, and fails where a mark is too low.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { launch } from "chrome-launcher";
import lighthouse, { desktopConfig } from "lighthouse";

const LEAST = { performance: 90, accessibility: 95, "best-practices": 95 };
const SHEET = new URL("../samples/01_csdl_hocsinh_openpyxl.xlsx", import.meta.url);
const CHROME_FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

const [program] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "schoolgate-lighthouse-"));
const base = `http://127.0.0.1:${await freePort()}`;
const env = { ...process.env, SCHOOLGATE_DATA_DIR: folder, SCHOOLGATE_LISTEN: base.slice("http://".length) };
const server = spawn(program, ["serve", "--demo"], { env, stdio: "ignore" });

/** Asks as a browser that is signed in by this cookie, and follows nothing. */
const ask = (path, cookie = "", options = {}) =>
  fetch(base + path, { redirect: "manual", ...options, headers: { Origin: base, Cookie: cookie } });

const until = async (what, isSo) => {
  for (let tries = 0; tries < 600; tries++) {
    if (await isSo().catch(() => false)) return;
    await pause(500);
  }
  throw new Error(`not within five minutes: ${what}`);
};

const judge = async (chrome, name, path, cookie, config) => {
  const flags = {
    port: chrome.port,
    onlyCategories: Object.keys(LEAST),
    extraHeaders: cookie ? { Cookie: cookie } : {},
  };
  let { lhr } = await lighthouse(base + path, flags, config);
  // Now and then it misses what the browser told of, and asks to be run again.
  for (let tries = 1; lhr.runtimeError && tries < 3; tries++) ({ lhr } = await lighthouse(base + path, flags, config));
  if (lhr.runtimeError || !lhr.finalDisplayedUrl.endsWith(path)) {
    throw new Error(`${path}: ${lhr.runtimeError?.message ?? lhr.finalDisplayedUrl}`);
  }
  const marks = Object.fromEntries(
    Object.keys(LEAST).map((category) => [category, Math.round(lhr.categories[category].score * 100)]));
  const low = Object.entries(LEAST).filter(([category, least]) => marks[category] < least);
  console.log(name.padEnd(24), Object.entries(marks).map(([category, mark]) => `${category} ${mark}`).join("   "));
  for (const [category] of low) {
    for (const { id } of lhr.categories[category].auditRefs) {
      const { title, score, displayValue } = lhr.audits[id];
      if (score !== null && score < 0.9) console.log(`    ${id}: ${title} ${displayValue ?? ""}`);
    }
  }
  return low.length === 0;
};

let isFine = true;
try {
  await until("the demo answers", async () => (await ask("/readyz")).ok);
  const demo = JSON.parse(execFileSync(program, ["demo", "--json"], { env, stdio: ["ignore", "pipe", "ignore"] }));
  const [school] = demo.schools;
  const signedIn = await ask("/sign-in", "", { method: "POST", body: new URLSearchParams(school.owner) });
  const cookie = signedIn.headers.getSetCookie().map((each) => each.split(";")[0]).join("; ");
  const form = new FormData();
  form.set("file", new Blob([readFileSync(SHEET)]), "hoc-sinh.xlsx");
  const upload = { method: "POST", body: form };
  const plan = (await ask(`/schools/${school.code}/plans/new?source=students`, cookie, upload)).headers.get("location");
  await until("the list was read", async () => (await (await ask(plan, cookie)).text()).includes(`${plan}/apply`));

  const chrome = await launch({ chromePath: process.env.CHROME_PATH ?? "chromium", chromeFlags: CHROME_FLAGS });
  try {
    const pages = [
      ["signing in", "/sign-in", ""],
      ["the list", `/schools/${school.code}/accounts?role=student`, cookie],
      ["the review", plan, cookie],
    ];
    for (const [name, path, session] of pages) {
      isFine = await judge(chrome, `${name}, a phone`, path, session) && isFine;
      isFine = await judge(chrome, `${name}, a computer`, path, session, desktopConfig) && isFine;
    }
  } finally {
    await chrome.kill();
  }
} finally {
  server.kill("SIGTERM");
  await new Promise((resolve) => server.once("exit", resolve));
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 500 });
}
process.exit(isFine ? 0 : 1);
