"""Writes the columns that a model has once per measure into the YAML beside the model.

SQL makes these columns in loops over the list of measures. YAML has no loops, and dbt's contracts and descriptions need
every column by name. Therefore `make manifest` writes the columns between the lines `# measures: <block>` and
`# measures: end`, from the list of measures and their entries in the contract. Each function named in `BLOCKS` makes
the columns of one block.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator

from odre.contract import load_contract
from odre.contract_columns import Column as ContractColumn
from odre.contract_measures import MIX
from odre.measures import Measure, measures

Column = tuple[str, str, str]  # name, type in BigQuery, description

_BLOCK = re.compile(
    r"(?P<begin>(?P<indent> *)# measures: (?P<name>(?!end\b)[a-z ]+)\n).*?(?P<end> *# measures: end\n)", re.DOTALL
)


def filled(text: str) -> str:
    """The text of a YAML file with the columns of all its blocks written again.

    :raises ValueError: the file names a block that does not exist.
    """

    def block(found: re.Match[str]) -> str:
        if found["name"] not in BLOCKS:
            raise ValueError(f"no block of measures is called {found['name']!r}; there are {', '.join(BLOCKS)}")
        indent = found["indent"]
        columns = "".join(
            f"{indent}- {{name: {name}, data_type: {kind}, description: {json.dumps(what, ensure_ascii=False)}}}\n"
            for name, kind, what in BLOCKS[found["name"]]()
        )
        return found["begin"] + columns + found["end"]

    return _BLOCK.sub(block, text)


def _meaning(measure: Measure) -> str:
    """What the measure is: the first sentence of its description in the contract."""
    return _contract_column(measure).description.split(". ")[0].rstrip(".") + "."


def _unit(measure: Measure) -> str:
    return _contract_column(measure).unit or ""


def _contract_column(measure: Measure) -> ContractColumn:
    (column,) = (c for c in load_contract(MIX).columns if c.name == measure.column)
    return column


def _sign(measure: Measure) -> str:
    return " Import > 0, export < 0." if measure.kind in ("border", "exchange") else ""


def _export(measure: Measure) -> str:
    return measure.name.replace("exchange_", "export_")


def _import(measure: Measure) -> str:
    return measure.name.replace("exchange_", "import_")


def _share(measure: Measure) -> Column:
    name = measure.name.replace("_mw", "_share")
    return name, "float64", f"Part of the production that is {measure.label}, 0 to 1."


def _steps() -> Iterator[Column]:
    for measure in measures():
        yield measure.name, "float64", f"{_meaning(measure)} In {_unit(measure)}.{_sign(measure)}"


def _shown_steps() -> Iterator[Column]:
    for measure in measures(["source", "storage", "exchange", "border", "forecast"]):
        yield measure.name, "float64", f"{_meaning(measure)} In {_unit(measure)}.{_sign(measure)}"


def _storage_and_exchange_steps() -> Iterator[Column]:
    for measure in measures(["storage", "exchange", "border"]):
        missing = " Null where the source has no value for the step." if measure.kind == "border" else ""
        yield measure.name, "float64", f"{_meaning(measure)} In {_unit(measure)}.{_sign(measure)}{missing}"


def _source_steps() -> Iterator[Column]:
    for measure in measures(["source"]):
        yield measure.name, "float64", f"{_meaning(measure)} Mean power of the step, {_unit(measure)}."
        yield f"{measure.name}h", "float64", f"Energy generated from {measure.label} during the step, MWh."
        yield (
            measure.name.replace("_mw", "_share"),
            "float64",
            f"Part of the production that is {measure.label}, 0 to 1.",
        )


def _means() -> Iterator[Column]:
    for measure in measures():
        yield (
            measure.name,
            "float64",
            f"{_meaning(measure)} Mean over the observed steps, {_unit(measure)}.{_sign(measure)}",
        )
    for measure in measures(["border"]):
        yield (
            _export(measure),
            "float64",
            f"Mean commercial export to {measure.label}, MW; zero or positive.",
        )
        yield (
            _import(measure),
            "float64",
            f"Mean commercial import from {measure.label}, MW; zero or positive.",
        )
    for measure in measures(["consumption", "source"]):
        yield (
            f"peak_{measure.name}",
            "float64",
            f"{_meaning(measure)} Highest value of an observed step, {_unit(measure)}.",
        )


def _counts() -> Iterator[Column]:
    for measure in measures():
        yield f"steps_{measure.name}", "int64", f"Observed steps that have a value of `{measure.name}`."


def _states() -> Iterator[Column]:
    for measure in measures():
        name = measure.name
        yield f"expected_{name}", "int64", f"Steps that `{name}` should have on the day; null when nothing is observed."
        yield f"hours_{name}", "int64", f"Clock hours with a value of `{name}`: bit h is set for the hour from h:00."
        yield f"state_{name}", "string", f"Whether `{name}` is complete, usable, partial or absent on the day."
        if measure.usual or measure.spike:
            yield f"implausible_{name}", "int64", f"Observed steps whose value of `{name}` cannot be right."


def _straightness(measure: Measure) -> Column:
    return f"is_straight_{measure.name}", "bool", f"The {measure.label} forecast is a straight line over half the day."


def _observed_forecast_errors() -> Iterator[Column]:
    return _forecast_errors(straight=True)


def _implausible_steps() -> Iterator[Column]:
    for measure in measures(["consumption", "source"]):
        if measure.usual or measure.spike:
            what = f"Observed steps whose value of `{measure.name}` cannot be right."
            yield f"implausible_{measure.name}", "int64", what


def _forecast_errors(straight: bool = False) -> Iterator[Column]:
    for measure in measures(["forecast"]):
        what, name = f"{measure.label} forecast", measure.name
        yield (
            _straightness(measure)
            if straight
            else (
                f"is_plausible_{name}",
                "bool",
                f"The {what} is no straight line, and no step of it is implausible.",
            )
        )
        yield f"maturity_{name}", "string", f"Maturity of the steps that have the {what}; `mixed` when they differ."
        yield f"mean_error_{name}", "float64", f"Mean of the {what} − consumption, MW; positive when it was too high."
        yield f"mean_absolute_error_{name}", "float64", f"Mean of the absolute error of the {what}, MW."
        yield (
            f"relative_absolute_error_{name}",
            "float64",
            (f"Sum of the absolute errors of the {what} over the sum of consumption, 0 to 1."),
        )
        yield f"greatest_absolute_error_{name}", "float64", f"Greatest absolute error of the {what} at a step, MW."


def _forecast_counts() -> Iterator[Column]:
    for measure in measures(["forecast"]):
        yield f"steps_{measure.name}", "int64", f"Observed steps that have the {measure.label} forecast."


def _energies() -> Iterator[Column]:
    for measure in measures(["consumption", "source", "storage", "exchange"]):
        yield f"{measure.name}h", "float64", f"{_energy(measure)}{_sign(measure)}"
    yield from _border_energies()
    for measure in measures(["source"]):
        yield (
            measure.name.replace("_mw", "_share"),
            "float64",
            f"Part of the production that is {measure.label}, 0 to 1.",
        )


def _energy(measure: Measure) -> str:
    return f"{_meaning(measure)} Mean power × hours of the day, {_unit(measure)}h."


def _source_energies() -> Iterator[Column]:
    for measure in measures(["source"]):
        yield f"{measure.name}h", "float64", f"Generation from {measure.label}, MWh."


def _storage_energies() -> Iterator[Column]:
    for measure in measures(["storage"]):
        yield f"{measure.name}h", "float64", _energy(measure)


def _border_energies() -> Iterator[Column]:
    for measure in measures(["border"]):
        yield f"{_export(measure)}h", "float64", f"Commercial export to {measure.label}, MWh; zero or positive."
        yield f"{_import(measure)}h", "float64", f"Commercial import from {measure.label}, MWh; zero or positive."


def _mean_forecast_errors() -> Iterator[Column]:
    for measure in measures(["forecast"]):
        name = f"{(measure.label or '').replace(' ', '_')}_error_mw"
        yield name, "float64", f"Mean absolute error of the {measure.label} consumption forecast, MW."


def _consumption_by_hour() -> Iterator[Column]:
    for hour in range(24):
        name = f"consumption_hour_{hour:02d}_mw"
        yield (
            name,
            "float64",
            f"Mean consumption over the observed steps that begin from {hour:02d}:00 to {hour:02d}:59, MW.",
        )


def _mean_sources() -> Iterator[Column]:
    for measure in measures(["source"]):
        yield measure.name, "float64", f"Mean generation from {measure.label}, MW."


def _source_normals() -> Iterator[Column]:
    for name, kind, what in _mean_sources():
        yield name, kind, what
        yield (
            f"{name}_normal",
            kind,
            f"Normal of `{name}`: mean of all years within 15 days of the day of the year; null with fewer than three.",
        )
        yield f"{name}_anomaly", kind, f"`{name}` less its normal."


def _mean_border_flows() -> Iterator[Column]:
    for measure in measures(["border"]):
        yield _export(measure), "float64", f"Mean commercial export to {measure.label}, MW; zero or positive."
        yield _import(measure), "float64", f"Mean commercial import from {measure.label}, MW; zero or positive."


def _legacy() -> Iterator[Column]:
    for measure in measures():
        if measure.legacy:
            yield measure.legacy, "float64", f"{_meaning(measure)} Daily mean, {_unit(measure)}.{_sign(measure)}"


BLOCKS: dict[str, Callable[[], Iterable[Column]]] = {
    "steps": _steps,
    "shown steps": _shown_steps,
    "storage and exchange steps": _storage_and_exchange_steps,
    "source steps": _source_steps,
    "means": _means,
    "counts": _counts,
    "states": _states,
    "forecast errors": _forecast_errors,
    "observed forecast errors": _observed_forecast_errors,
    "implausible steps": _implausible_steps,
    "forecast counts": _forecast_counts,
    "energies": _energies,
    "source energies": _source_energies,
    "storage energies": _storage_energies,
    "border energies": _border_energies,
    "mean forecast errors": _mean_forecast_errors,
    "consumption by hour": _consumption_by_hour,
    "mean sources": _mean_sources,
    "source normals": _source_normals,
    "mean border flows": _mean_border_flows,
    "legacy": _legacy,
}
