// The page's texts and the language they are in. The language is one of the whole page, as in <html lang>: whoever
// changes it fills the page again.

const LOCALES = { en: "en-GB", fr: "fr-FR" };

let spoken = "en";
let texts = {};

/* Speak a language from now on. `given`: its texts by key, as texts.py makes them. */
export function speak(language, given) {
  spoken = language;
  texts = given;
}

/* The locale of the language that is spoken, for Intl. */
export const locale = () => LOCALES[spoken];

/* Of the languages of the page, the one that a reader prefers. `preferred`: language tags, the best one first. */
export const preferredOf = (languages, preferred) =>
  preferred.map((tag) => tag.slice(0, 2)).find((tag) => languages.includes(tag)) ?? languages[0];

const filled = (text, values) =>
  text.replaceAll(/\{(\w+)\}/gu, (_, name) => {
    if (values[name] === undefined) throw new Error(`the text "${text}" wants a value for ${name}`);
    return typeof values[name] === "number" ? values[name].toLocaleString(locale()) : values[name];
  });

/* The text of a key, with the values that it names filled in. A value that is a number is written without more ado; a
   text that counts something takes the form that fits its value `n`. */
export function t(key, values = {}) {
  const text = texts[key];
  if (text === undefined) throw new Error(`there is no text ${key}`);
  if (typeof text === "string") return filled(text, values);
  const form = new Intl.PluralRules(locale()).select(values.n);
  return filled(text[form] ?? text.other, values);
}

/* What people read for a value of the data, such as `winter` or `nuclear`; the value itself where no text names it. */
export const named = (value) => (texts[`values.${value}`] === undefined ? value : t(`values.${value}`));
