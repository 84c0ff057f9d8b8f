// The six questions, each with a verdict, sentences and how they are computed, from the mart `answers` alone.

import {
  amount, certain, estimate, interval, inUnit, linesOf, observations, partName, partWords, rowOf, rowsWith, sentence, spoken,
} from "../answers_rows.js";
import { capital, day, listed, number } from "../format.js";
import { tableNodes } from "../nodes.js";
import { t } from "../texts.js";

const told = (row) => row !== null && row.verdict === "yes";
const descending = (rows, by) => rows.toSorted((a, b) => by(b) - by(a));
const size = (row) => Math.abs(row.estimate);

/* 1: shares of the last year, and of all days. */
function mix(answers, words) {
  const rows = (period) => rowsWith(answers, "mix", "measured_share", period);
  const shares = (period) => descending(rows(period).filter(told), (row) => row.estimate).slice(0, 4);
  const said = (found) =>
    listed(found.map((row) => t("answers.mix_share", { source: partName(row.part, words), share: estimate(row) })));
  const [last, ever] = [shares("trailing_year"), shares("all")];
  if (ever.length === 0) return { verdict: "not_detectable", sentences: [sentence(rows("all")[0] ?? null, "mix")] };
  const all = t("answers.mix_others", { days: observations(ever[0]), sources: said(ever) });
  if (last.length > 0) {
    const year = t("answers.mix_yes", { last: day(last[0].last_day), sources: said(last), days: observations(last[0]) });
    return { verdict: "measured", sentences: [year, all] };
  }
  return { verdict: "measured", sentences: [all, ...rows("trailing_year").slice(0, 1).map(yearAlone)] };
}

/* A sentence that says why the last year alone gives no answer. */
const yearAlone = (row) => t("answers.year", { days: observations(row), why: t(`answers.${row.reason}`) });

/* 2: withdrawal, the level of the stock, a colder winter, the lag over the year, today's fill. */
function gas(answers) {
  const row = (part, method, period) => rowOf(answers, "gas_storage_vs_temperature", part, method, period);
  const withdrawal = row("withdrawal/november_to_march", "within_month");
  const [level, year] = ["all", "trailing_year"].map((period) => row("stock", "anomaly_correlation", period));
  const fill = row("fill", "previous_years", "latest_day");
  const values = fill && { last: day(fill.last_day), interval: interval(fill), estimate: inUnit(fill, Math.abs(fill.estimate)) };
  return {
    verdict: withdrawal?.verdict ?? "not_detectable",
    sentences: [
      sentence(withdrawal, "withdrawal"),
      [sentence(level, "level"), ...(year?.reason ? [yearAlone(year)] : [])].join(" "),
      sentence(row("drawdown", "per_winter"), "drawdown"),
      sentence(row("stock", "annual_phase"), "phase"),
      sentence(fill, "fill", values ?? {}),
    ],
  };
}

/* 3: what a degree of cold adds, which terms cover it, thermosensitivity, and what warmth adds. */
function temperature(answers, words, { publisher }) {
  const row = (part, method) => rowOf(answers, "sources_vs_temperature", part, method);
  const consumption = row("consumption", "within_month");
  const balance = rowsWith(answers, "sources_vs_temperature", "within_month").filter((one) => one.part !== "consumption");
  const [terms, others] = [balance.filter(told), balance.filter((one) => !told(one) && one.estimate !== null)];
  const inWords = (key) => (one) =>
    t(`answers.${key}`, { term: partName(one.part, words), estimate: spoken(one, size(one)) + "\u00A0MW" });
  const [more, less] = [terms.filter((one) => one.estimate > 0), terms.filter((one) => one.estimate < 0)];
  const cold =
    told(consumption) && more.length === 0
      ? t("answers.cold_yes_alone", { estimate: amount(consumption), certain: certain(consumption) })
      : sentence(consumption, "cold", { terms: listed(descending(more, size).map(inWords("term"))) });
  const falls = less.length > 0 ? ` ${t("answers.falls", { terms: listed(descending(less, size).map(inWords("fall"))) })}` : "";
  // The other terms are given as one sum, so that all terms add up to consumption.
  const rest =
    told(consumption) && others.length > 0
      ? ` ${t("answers.others", { estimate: number(others.reduce((sum, one) => sum + one.estimate, 0), 0) + "\u00A0MW" })}`
      : "";
  const thermal = row("thermosensitivity/day", "within_winter");
  const hours = answers.filter(
    (one) =>
      one.method === "within_winter" && one.period === "all" && one.part.includes("/hour_") && one.estimate !== null,
  );
  const [lowest, highest] = [Math.min, Math.max].map((of) => of(...hours.map((one) => one.estimate)));
  const threshold = row("consumption", "cooling_threshold");
  return {
    verdict: consumption?.verdict ?? "not_detectable",
    sentences: [
      cold + falls + rest,
      sentence(thermal, "thermal", {
        lowest: thermal ? spoken(thermal, lowest) : "",
        highest: hours.length > 0 ? inUnit(thermal, highest) : "",
        publisher,
        reference: thermal ? inUnit(thermal, thermal.reference) : "",
      }),
      ...(told(threshold)
        ? [sentence(row("consumption", "within_month_above_threshold"), "cooling", { threshold: estimate(threshold) })]
        : []),
    ],
  };
}

const related = (words) => (row) =>
  t("answers.related_term", {
    term: partName(row.part, words),
    estimate: number(row.estimate, 2),
    interval: interval(row),
  });

/* Parts that were picked out of many are judged by the joint verdict, which allows for the picking. */
const toldAmongAll = (row) => row.joint_verdict === "yes";

/* The verdict on a family of parts: yes when one of them is a yes, no when all of them are a no. */
function family(verdicts) {
  if (verdicts.includes("yes")) return "yes";
  return verdicts.length > 0 && verdicts.every((verdict) => verdict === "no") ? "no" : "not_detectable";
}

/* A sentence that says why no verdict on a family of parts is possible: the reason of a part with an estimate, or else of
   the first part. */
function openFamily(rows, name) {
  const row = rows.find((one) => one.lower !== null) ?? rows[0];
  if (!row) return sentence(null, name);
  return sentence({ ...row, lower: null, verdict: "not_detectable", reason: row.reason ?? "interval_too_wide" }, name);
}

/* A sentence about the closest relation among the parts without a detectable relation. */
function closest(open, words) {
  const known = descending(open.filter((row) => row.lower !== null), size);
  return known.length > 0 ? ` ${t("answers.closest", { term: related(words)(known[0]) })}` : "";
}

/* 4: sources with the stock, and gas-fired power with withdrawal. */
function plants(answers, words) {
  const all = rowsWith(answers, "sources_vs_gas_storage", "anomaly_correlation");
  const rows = all.filter((row) => !row.part.includes("/") && words[row.part]);
  const [yes, open] = [rows.filter(toldAmongAll), rows.filter((row) => !["yes", "no"].includes(row.joint_verdict))];
  const days = t("answers.days", { n: Math.max(0, ...rows.map((row) => row.days)) });
  const verdict = family(rows.map((row) => row.joint_verdict));
  const key = verdict === "yes" && yes.length === 1 ? "related_one" : `related_${verdict}`;
  const first =
    verdict === "not_detectable"
      ? openFamily(open, "related") + closest(open, words)
      : t(`answers.${key}`, { days, terms: listed(descending(yes, size).map(related(words))) });
  const rest =
    verdict === "yes" && open.length > 0
      ? ` ${t("answers.related_untold", { terms: listed(open.map((row) => partName(row.part, words))) })}`
      : "";
  const burnt = rowOf(answers, "sources_vs_gas_storage", "gas/withdrawal", "anomaly_correlation_given_temperature");
  return { verdict, sentences: [first + rest, sentence(burnt, "plants")] };
}

const inSeason = (row) => t(`answers.in_${row.part.split("/")[1]}`);

/* 5: the sources whose share moves most between seasons. */
function seasons(answers, words) {
  const rows = rowsWith(answers, "mix_by_season", "season_difference");
  const verdict = family(rows.map((row) => row.verdict));
  if (verdict === "not_detectable") return { verdict, sentences: [openFamily(rows, "season")] };
  if (verdict === "no") {
    return { verdict, sentences: [t("answers.season_no", { seasons: observations(rows[0]) })] };
  }
  const yes = rows.filter(told);
  const sources = [...new Set(descending(yes, size).map((row) => row.part.split("/")[0]))].slice(0, 3);
  const shares = (source) =>
    descending(
      rowsWith(answers, "mix_by_season", "season_share").filter((row) => row.part.startsWith(`${source}/`) && told(row)),
      (row) => row.estimate,
    );
  const moves = sources
    .map((source) => [source, shares(source)])
    .filter(([, found]) => found.length > 1)
    .map(([source, found]) => {
      const [high, low] = [found[0], found.at(-1)];
      return t("answers.season_move", {
        source: words[source] ?? source,
        high: estimate(high),
        low: estimate(low),
        high_season: inSeason(high),
        low_season: inSeason(low),
      });
    });
  const explained = descending(rowsWith(answers, "mix_by_season", "explained_by_season").filter(told), (row) => row.estimate)[0];
  const least = yes.toSorted((a, b) => size(a) / (a.upper - a.lower) - size(b) / (b.upper - b.lower))[0];
  return {
    verdict,
    sentences: [
      capital(`${listed(moves)}.`) +
        (explained
          ? ` ${t("answers.season_explains", { explained: estimate(explained), source: partName(explained.part, words) })}`
          : ""),
      t("answers.season_certain", {
        seasons: observations(least),
        estimate: estimate(least),
        interval: interval(least),
        what: partName(least.part, words),
      }),
    ],
  };
}

/* 6: trade across all borders and each of them. */
function exchanges(answers, words) {
  const row = rowOf(answers, "exchanges_vs_gas_storage", "all/volume", "same_month_correlation");
  const borders = rowsWith(answers, "exchanges_vs_gas_storage", "same_month_correlation").filter(
    (one) => !one.part.startsWith("all/") && toldAmongAll(one),
  );
  return {
    verdict: row?.verdict ?? "not_detectable",
    sentences: [
      sentence(row, "exchange"),
      borders.length > 0
        ? t("answers.exchange_borders", { terms: listed(descending(borders, size).map(related(words))) })
        : t("answers.exchange_no_border"),
    ],
  };
}

/* The questions in their order, each with the function that makes its verdict and sentences. */
const MAKERS = {
  mix,
  gas_storage_vs_temperature: gas,
  sources_vs_temperature: temperature,
  sources_vs_gas_storage: plants,
  mix_by_season: seasons,
  exchanges_vs_gas_storage: exchanges,
};

/* Verdict and sentences of every question, in order. */
function answered(context) {
  const { answers } = context.marts;
  const words = partWords(context);
  return Object.entries(MAKERS).map(([question, make]) => ({ question, ...make(answers, words, context.published) }));
}

export const finding = () => t("answers.lead");

/* Questions with a paragraph on causes: those that are answered by correlations or slopes. */
const CAUSES = new Set(Object.keys(MAKERS).slice(1));

export function content(_, context) {
  const { answers } = context.marts;
  if (answers.length === 0) return [["p", { class: "muted" }, t("answers.empty")]];
  const words = partWords(context);
  const opened = { href: context.published.formulas, target: "_blank", rel: "noopener noreferrer" };
  const formulas = ["a", opened, t("answers.formulas")];
  return answered(context).map(({ question, verdict, sentences }) => {
    const { heads, lines } = linesOf(
      answers.filter((row) => row.question === question && row.period_kind !== "year"),
      words,
    );
    const [first, ...others] = sentences;
    return [
      "article",
      { class: "answer", id: `answer-${question}`, "data-verdict": verdict },
      ["h3", {}, t(`answers.${question}`)],
      ["p", { class: "answer-first" }, ["strong", { class: "verdict" }, t(`answers.verdict_${verdict}`)], " ", first],
      ...others.map((text) => ["p", {}, text]),
      ...(CAUSES.has(question)
        ? [["p", { class: "answer-cause" }, ["strong", {}, t("answers.cause")], " ", t(`answers.${question}_cause`)]]
        : []),
      [
        "details",
        {},
        ["summary", {}, t("answers.how")],
        ["p", {}, t(`answers.${question}_how`)],
        ["p", {}, t("answers.rule"), " ", t("answers.formula"), " ", formulas],
        [
          "div",
          { class: "scroll", tabindex: "0", role: "region", "aria-label": `${t("answers.table")} · ${t(`answers.${question}`)}` },
          ["table", {}, ["caption", {}, t("answers.table")], ...tableNodes(heads, lines)],
        ],
      ],
    ];
  });
}

/* What the charts of the section draw. */
export function datasets(_, context) {
  const { answers } = context.marts;
  const words = partWords(context);
  const reference = rowOf(answers, "sources_vs_temperature", "thermosensitivity/day", "within_winter")?.reference ?? null;
  return {
    degree: rowsWith(answers, "sources_vs_temperature", "within_month")
      .filter((row) => row.estimate !== null)
      .toSorted((a, b) => (b.part === "consumption") - (a.part === "consumption") || b.estimate - a.estimate)
      .map((row, order) => ({
        order,
        term: capital(partName(row.part, words)),
        estimate: row.estimate,
        lower: row.lower,
        upper: row.upper,
        days: row.days,
      })),
    thermosensitivity: rowsWith(answers, "sources_vs_temperature", "within_winter")
      .filter((row) => row.part.includes("/hour_") && row.estimate !== null)
      .map((row) => ({
        hour: Number(row.part.slice(-2)),
        estimate: row.estimate,
        lower: row.lower,
        upper: row.upper,
        reference,
        days: row.days,
      })),
  };
}
