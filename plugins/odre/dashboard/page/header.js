// The sentences at the head of the page that say how fresh the data are.

import { day } from "./format.js";
import { t } from "./texts.js";

const instant = (local) => `${day(local.slice(0, 10))}, ${local.slice(11, 16)}`;

/* When the page was made, and up to which day each dataset is complete; instants are local times `2021-12-31T23:45`. */
export function freshness({ published_at, observed_at, zone, sources }, titles) {
  const complete = sources.map(
    ({ table, last_complete }) => `${titles[table]} ${last_complete ? day(last_complete) : t("frame.no_day")}`,
  );
  return [
    t("frame.updated", { at: instant(published_at), zone }),
    ...(observed_at ? [t("frame.observed", { at: instant(observed_at) })] : []),
    t("frame.complete", { list: complete.join(t("words.semicolon")) }),
  ].join(" ");
}
