// Fills the page for the days that are picked. This module and those in `view/` alone touch the document.

import { bucketed, rowsOf } from "./days.js";
import { csv, daysTable } from "./days_table.js";
import { span } from "./format.js";
import { gapsIn } from "./gaps.js";
import { freshness } from "./header.js";
import { addressOf, complaint, pickedIn, presets } from "./period.js";
import { rowsOfColumns } from "./statistics.js";
import { preferredOf, speak, t } from "./texts.js";
import { tiles } from "./tiles.js";
import { drawCharts } from "./view/charts.js";
import { fill, fillTexts, tableNodes } from "./view/nodes.js";

const at = (id) => document.getElementById(id);
const page = JSON.parse(at("data").textContent);
const marts = Object.fromEntries(Object.entries(page.marts).map(([name, columns]) => [name, rowsOfColumns(columns)]));
const scripts = await Promise.all(page.sections.map(({ name }) => import(`page/sections/${name}.js`)));
const [from, to] = [at("from"), at("to")];
const everyDay = page.days.local_date;

// What is picked, and what follows from it.
const now = { language: "", period: [], rows: [] };
let turn = 0;
let all = [];
let words = {};

function showSection({ id }, { finding, table, content }, context) {
  const said = finding(now.rows, context);
  at(id).hidden = at(`link-${id}`).hidden = said === null;
  at(`finding-${id}`).textContent = said ?? "";
  fill(at(`content-${id}`), content?.(now.rows, context) ?? []);
  const made = table?.(now.rows, context);
  at(`figure-${id}`).hidden = !made;
  if (!made) return;
  at(`caption-${id}`).textContent = made.caption;
  fill(at(`table-${id}`), tableNodes(made.heads, made.lines));
}

function showRest() {
  fill(at("tiles"), tiles(now.rows).map(({ id, label, value }) => ["div", {}, ["dt", {}, label], ["dd", { id }, value]]));
  const { summary, lines } = gapsIn(page.gaps, words.titles, now.period, page.listed_gaps);
  at("gaps-summary").textContent = summary;
  fill(at("gaps"), lines.map((text) => ["li", {}, text]));
  const days = daysTable(now.rows, words.table, page.listed_days);
  fill(at("table-days"), tableNodes(words.table.map(({ title }) => title), days.lines));
  at("table-note").textContent = days.note;
  at("period").textContent = span(...now.period);
}

/* Show what is picked; `afresh` draws charts anew, after a change of language or colours. */
async function show(afresh = false) {
  const mine = ++turn;
  const [first, last] = now.period;
  now.rows = all.filter((row) => row.local_date >= first && row.local_date <= last);
  const context = { ...words.context, all, marts, period: now.period };
  for (const [i, section] of page.sections.entries()) showSection(section, scripts[i], context);
  showRest();
  const made = scripts.map(({ datasets }) => datasets?.(now.rows, context) ?? {});
  const datasets = Object.assign({ days: bucketed(now.rows, page.daily_charts_up_to) }, ...made);
  await drawCharts(words.charts, datasets, words.context.words, afresh);
  if (mine === turn) document.body.dataset.shown = `${first}/${last}`;
}

function pick(first, last) {
  const wrong = complaint(first, last);
  at("period-note").textContent = wrong;
  if (wrong) return;
  [from.value, to.value] = [first, last];
  now.period = [first, last];
  history.replaceState(null, "", addressOf(now));
  show();
}

/* Speak a language: its words, and what follows from them. */
function setLanguage(language) {
  words = page.languages[language];
  now.language = language;
  speak(language, words.texts);
  all = rowsOf(page.days, words.context.seasons);
  document.documentElement.lang = language;
  document.title = t("frame.title");
  document.body.dataset.language = language;
  for (const each of Object.keys(page.languages)) at(`speak-${each}`).setAttribute("aria-pressed", each === language);
  fillTexts(t);
  at("updated").textContent = freshness(page, words.titles);
}

function followAddress() {
  const asked = pickedIn(location.hash, Object.keys(page.languages));
  const changed = asked.language && asked.language !== now.language;
  if (changed) setLanguage(asked.language);
  if (asked.period) pick(...asked.period);
  else if (changed) show(true);
}

function start() {
  const { opening, ...periods } = presets(all);
  from.min = to.min = everyDay[0];
  from.max = to.max = everyDay.at(-1);
  for (const input of [from, to]) input.addEventListener("change", () => pick(from.value, to.value));
  for (const [id, period] of Object.entries(periods)) at(id).addEventListener("click", () => pick(...period));
  addEventListener("hashchange", followAddress);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show(true));
  pick(...(pickedIn(location.hash, []).period ?? opening));
}

/* The address holds what is picked, so a link within the page scrolls without changing it. */
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  if (!link) return;
  event.preventDefault();
  const target = at(link.getAttribute("href").slice(1));
  target.scrollIntoView();
  target.querySelector("h2").focus({ preventScroll: true });
});

for (const language of Object.keys(page.languages)) {
  at(`speak-${language}`).addEventListener("click", () => {
    setLanguage(language);
    history.replaceState(null, "", addressOf(now));
    if (everyDay.length > 0) show(true);
  });
}

// Airflow's frame allows neither downloads nor links that open a tab.
at("address").textContent = location.href.split("#")[0];
at("framed").hidden = window.top === window.self;
at("download").hidden = !at("framed").hidden;
at("download").addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csv(now.rows, Object.keys(page.days))], { type: "text/csv" }));
  link.download = "eco2mix-daily.csv";
  link.click();
  URL.revokeObjectURL(link.href);
});

const languages = Object.keys(page.languages);
setLanguage(pickedIn(location.hash, languages).language ?? preferredOf(languages, navigator.languages));
if (everyDay.length > 0) {
  start();
} else {
  at("period-note").textContent = t("frame.empty");
  document.querySelector("main").hidden = true;
  document.body.dataset.shown = "";
}
