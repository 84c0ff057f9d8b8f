// The page's texts and their language. The whole page has one language, as <html lang> says, so a change of language
// has to fill the page again.

const LOCALES = { en: "en-GB", fr: "fr-FR" };

let spoken = "en";
let texts = {};

/* Use a language from now on. `given`: its texts by key, as texts.py makes them. */
export function speak(language, given) {
  spoken = language;
  texts = given;
}

/* The locale of the page's language, for Intl. */
export const locale = () => LOCALES[spoken];

/* The language of the page that a reader prefers. `preferred`: language tags, the best one first. */
export const preferredOf = (languages, preferred) =>
  preferred.map((tag) => tag.slice(0, 2)).find((tag) => languages.includes(tag)) ?? languages[0];

const filled = (text, values) =>
  text.replaceAll(/\{(\w+)\}/gu, (_, name) => {
    if (values[name] === undefined) throw new Error(`the text "${text}" wants a value for ${name}`);
    return typeof values[name] === "number" ? values[name].toLocaleString(locale()) : values[name];
  });

/* The text of a key, with the given values in place of their names in braces. Numbers are written in the page's language;
   a text that counts something has the form that fits its value `n`. */
export function t(key, values = {}) {
  const text = texts[key];
  if (text === undefined) throw new Error(`there is no text ${key}`);
  if (typeof text === "string") return filled(text, values);
  const form = new Intl.PluralRules(locale()).select(values.n);
  return filled(text[form] ?? text.other, values);
}

/* What people read for a value of the data, such as `winter` or `nuclear`; the value itself when there is no text for
   it. */
export const named = (value) => (texts[`values.${value}`] === undefined ? value : t(`values.${value}`));
