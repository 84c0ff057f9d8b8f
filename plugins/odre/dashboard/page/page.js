// Fills the page for the period, day and language that the reader has picked. Only this module and those in `view/`
// touch the document.

import { bucketed, rowsOf } from "./days.js";
import { csv, daysTable } from "./days_table.js";
import { span } from "./format.js";
import { gapsIn } from "./gaps.js";
import { freshness } from "./header.js";
import { tableNodes } from "./nodes.js";
import { addressOf, comparedWith, opening, pickedIn } from "./period.js";
import { rowsOfColumns } from "./statistics.js";
import { stepsOf } from "./steps.js";
import { preferredOf, speak, t } from "./texts.js";
import { announce, draw, isInSight, renew } from "./view/charts.js";
import { serveControls, showPicked } from "./view/controls.js";
import { ownData, stepsOfMonth } from "./view/data.js";
import { save } from "./view/figures.js";
import { fill, fillTexts } from "./view/nodes.js";

const at = (id) => document.getElementById(id);
const page = await ownData();
const marts = Object.fromEntries(Object.entries(page.marts).map(([name, columns]) => [name, rowsOfColumns(columns)]));
const scripts = await Promise.all(page.sections.map(({ name }) => import(`page/sections/${name}.js`)));
const languages = Object.keys(page.languages);
const everyDay = page.days.local_date;

let picked = {};
let rows = [];
let turn = 0;
let all = [];
let byDay = new Map();
let words = {};
let prepared = {};

function showSection({ id }, { finding, table, content }, context) {
  const said = finding(rows, context);
  at(id).removeAttribute("aria-busy");
  at(id).hidden = at(`link-${id}`).hidden = said === null;
  at(`finding-${id}`).textContent = said ?? "";
  if (said === null) return;
  fill(at(`content-${id}`), content?.(rows, context) ?? []);
  const made = table?.(rows, context);
  at(`figure-${id}`).hidden = !made;
  if (!made) return;
  at(`caption-${id}`).textContent = made.caption;
  fill(at(`table-${id}`), tableNodes(made.heads, made.lines));
}

/* Fill a section. Returns the charts that can be drawn: the `place` of each, and a function `drawn` that draws it. */
function begin(section, context) {
  const script = scripts[page.sections.indexOf(section)];
  showSection(section, script, context);
  if (at(section.id).hidden) return [];
  const charts = words.charts.filter(({ id }) => section.charts.includes(id));
  // Days get their buckets only where a chart draws days.
  const days = charts.some(({ dataset }) => dataset === "days") ? bucketed(rows) : rows;
  const datasets = { days, ...script.datasets?.(rows, context) };
  const given = { datasets, words: context.words, said: new Set(), signals: script.signals?.(rows, context) ?? {} };
  return charts
    .filter((chart) => announce(chart, given))
    .map((chart) => ({ place: at(chart.id).closest("figure"), drawn: () => draw(chart, given) }));
}

function showRest() {
  const { summary, lines } = gapsIn(page.gaps, words.titles, picked.period, page.listed_gaps);
  at("gaps-summary").textContent = summary;
  fill(at("gaps"), lines.map((text) => ["li", {}, text]));
  const days = daysTable(rows, words.table, page.listed_days);
  fill(at("table-days"), tableNodes(words.table.map(({ title }) => title), days.lines));
  at("table-note").textContent = days.note;
  at("period").textContent = span(...picked.period);
  for (const id of ["missing", "days"]) at(id).removeAttribute("aria-busy");
}

const within = ([first, last]) => all.filter((row) => row.local_date >= first && row.local_date <= last);

/* The steps of a day, from the page or from the files beside it; an empty list when neither has them. They are kept until
   another day is picked. */
async function stepsFor(day) {
  if (prepared.day !== day) prepared = { day, steps: await stepsOfDay(day) };
  return prepared.steps;
}

async function stepsOfDay(day) {
  const found = page.steps[day] ?? (await stepsOfMonth(day.slice(0, 7)))[day];
  const { sources, forecasts, borders } = words.context;
  const names = ["consumption_mw", "co2_g_per_kwh", ...[...sources, ...forecasts, ...borders].map(({ step }) => step)];
  return found ? stepsOf(found, day, { zone: page.zone, names, until: page.observed_minute }) : [];
}

async function contextOf() {
  const compared = comparedWith(picked.versus, picked.period);
  return {
    ...words.context,
    all, byDay, marts, picked,
    period: picked.period,
    day: picked.day,
    steps: await stepsFor(picked.day),
    compared: compared && { period: compared, rows: within(compared) },
    zone: page.zone,
    gaps: page.gaps,
    titles: words.titles,
    embedded_days: page.embedded_days,
  };
}

const idle = () => new Promise((resolve) => {
  requestIdleCallback(resolve, { timeout: 200 });
});

/* Draw the charts and fill the sections that are out of sight, one at a time while the browser is idle. Returns false
   when another pick has interrupted it. */
async function showOthers(charts, sections, context, isCurrent) {
  while (charts.length > 0 || sections.length > 0) {
    await idle();
    if (!isCurrent()) return false;
    if (charts.length > 0) await charts.shift().drawn();
    else charts.push(...begin(sections.shift(), context));
  }
  await idle();
  if (isCurrent()) showRest();
  return isCurrent();
}

/* Fill the sections in sight and draw their charts; returns the charts and the sections that are out of sight. */
async function showInSight(context, isCurrent) {
  const [charts, sections] = [[], []];
  // One after the other, because a section that is filled moves those below it.
  for (const section of page.sections) {
    if (isInSight(at(section.id))) charts.push(...begin(section, context));
    else sections.push(section);
  }
  if (isInSight(at("missing")) || isInSight(at("days"))) showRest();
  const first = charts.filter(({ place }) => isInSight(place));
  for (const { drawn } of first) if (isCurrent()) await drawn();
  return [charts.filter((chart) => !first.includes(chart)), sections];
}

/* Show what is picked, beginning with the part of the page in sight. `afresh` draws all charts anew, which a change of
   language or colours needs. */
async function show(afresh = false) {
  const mine = ++turn;
  const isCurrent = () => mine === turn;
  const context = await contextOf();
  if (!isCurrent()) return;
  if (afresh) renew();
  rows = within(picked.period);
  showPicked(picked, all);
  for (const section of document.querySelectorAll("main > section")) section.setAttribute("aria-busy", "true");
  const said = `${picked.period.join("/")}|${picked.day}|${picked.versus}|${picked.language}`;
  const waiting = await showInSight(context, isCurrent);
  if (!isCurrent()) return;
  document.body.dataset.shown = said;
  if (await showOthers(...waiting, context, isCurrent)) document.body.dataset.drawn = said;
}

/* Change the page's language: use its words from now on, and rewrite the texts outside the sections. */
function setLanguage(language) {
  words = page.languages[language];
  speak(language, words.texts);
  all = rowsOf(page.days);
  byDay = new Map(all.map((row) => [row.local_date, row]));
  document.documentElement.lang = language;
  document.title = t("frame.title");
  for (const each of languages) at(`speak-${each}`).setAttribute("aria-pressed", String(each === language));
  fillTexts(t);
  at("updated").textContent = freshness(page, words.titles);
}

/* Change what is picked, and show it. */
function pick(change) {
  const isSpoken = !change.language || change.language === picked.language;
  picked = { ...picked, ...change };
  if (!isSpoken) setLanguage(picked.language);
  history.replaceState(null, "", addressOf(picked));
  show(!isSpoken);
}

function start() {
  const note = serveControls(() => picked, pick, [everyDay[0], everyDay.at(-1)]);
  const follow = () => {
    const asked = pickedIn(location.hash, languages);
    // Addresses made before the page showed single days have a period only: its last day is shown.
    const day = asked.picked.period && !asked.picked.day ? { day: asked.picked.period[1] } : {};
    pick({ hidden: [], ...day, ...asked.picked });
    note(asked.wrong ? t("period.unknown") : "");
  };
  picked = opening(all, picked.language);
  addEventListener("hashchange", follow);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show(true));
  follow();
}

/* The address holds what is picked, so a link to a section scrolls without changing it. */
document.addEventListener("click", (event) => {
  const target = at(event.target.closest("a[href^='#']")?.getAttribute("href").slice(1) ?? "");
  if (!target) return;
  event.preventDefault();
  target.scrollIntoView();
  target.querySelector("h2").focus({ preventScroll: true });
});

/* Links that are buttons, such as those of a legend, follow the space bar, as other buttons do. */
document.addEventListener("keydown", (event) => {
  if (event.key !== " " || event.target.getAttribute("role") !== "button") return;
  event.preventDefault();
  event.target.click();
});

for (const language of languages) {
  at(`speak-${language}`).addEventListener("click", () => {
    if (everyDay.length > 0) pick({ language });
    else setLanguage(language);
  });
}

// Airflow's frame allows neither downloads nor links that open a tab.
const isFramed = window.top !== window.self;
at("address").textContent = location.href.split("#")[0];
at("framed").hidden = !isFramed;
for (const button of document.querySelectorAll(".download")) button.hidden = isFramed;
at("download").addEventListener("click", () => {
  save(new Blob([csv(rows, Object.keys(page.days))], { type: "text/csv" }), "eco2mix-daily.csv");
});

picked.language = pickedIn(location.hash, languages).picked.language ?? preferredOf(languages, navigator.languages);
setLanguage(picked.language);
if (everyDay.length > 0) {
  start();
} else {
  at("period-note").textContent = t("frame.empty");
  for (const place of document.querySelectorAll("main, .contents, #presets, #dates")) place.hidden = true;
  document.body.dataset.shown = document.body.dataset.drawn = "";
}
