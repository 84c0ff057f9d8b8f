"""House rules of the dbt project, which `dbt-score lint` applies to every model (`make lint`).

pyproject.toml says which of dbt-score's own rules are left out, and why.
"""

import re
from typing import Any, cast

from dbt_score import Exposure, Model, RuleViolation, Severity, Source, rule, rule_filter

_EXAMPLE = re.compile(r"Example[^`:]*: `select [^`]+`")


@rule_filter
def is_a_relation(model: Model) -> bool:
    """Models that exist in the warehouse; an ephemeral one is part of the queries that read it."""
    return model.config.get("materialized") != "ephemeral"


@rule_filter
def is_a_mart(model: Model) -> bool:
    """Models that people outside the project query: those with the tag `mart` (dbt_project.yml)."""
    return "mart" in model.tags


@rule(severity=Severity.CRITICAL)
def declares_its_columns(model: Model) -> RuleViolation | None:
    """A model declares its columns. A built-in rule of dbt-score checks that each of them has a description."""
    return None if model.columns else RuleViolation("No column is described.")


@rule(severity=Severity.CRITICAL)
def says_its_grain(model: Model) -> RuleViolation | None:
    """The description of a model says what one row is."""
    if "one row per" in model.description.lower():
        return None
    return RuleViolation("The description does not say what one row is (`Grain: one row per …`).")


@rule(severity=Severity.CRITICAL, rule_filters={is_a_relation()})
def has_a_grain_test(model: Model) -> RuleViolation | None:
    """A data test proves the grain that the description states."""
    names = {test.type for test in model.tests}
    return None if "grain" in names else RuleViolation("No `grain` test on the key of the model.")


@rule(severity=Severity.CRITICAL)
def has_a_group(model: Model) -> RuleViolation | None:
    """A model belongs to a group, and so to an owner."""
    return None if model.group else RuleViolation("The model is in no group, so nobody owns it.")


@rule(severity=Severity.CRITICAL, rule_filters={is_a_mart()})
def is_an_enforced_public_contract(model: Model) -> RuleViolation | None:
    """A mart promises its columns and types to those who build on it: its contract is enforced and its access
    public."""
    if model.config.get("contract", {}).get("enforced") and model.access == "public":
        return None
    return RuleViolation("The contract of the mart is not enforced, or its access is not public.")


@rule(severity=Severity.CRITICAL, rule_filters={is_a_mart()})
def tells_grain_units_and_an_example(model: Model) -> RuleViolation | None:
    """The `meta` of a mart names grain and units, and its description has an example query."""
    if missing := {"grain", "units"} - set(model.config.get("meta", {})):
        return RuleViolation(f"Meta says nothing of {', '.join(sorted(missing))}.")
    example = _EXAMPLE.search(model.description)
    if not example or f"from {model.name}" not in example[0]:
        return RuleViolation(f"The description has no example query (`select … from {model.name} …`).")
    return None


@rule(severity=Severity.CRITICAL)
def has_its_yaml_beside_it(model: Model) -> RuleViolation | None:
    """The YAML of a model is in the folder of its SQL."""
    folder = model.original_file_path.rsplit("/", 1)[0]
    described = (model.patch_path or "").split("://")[-1]
    return None if described.startswith(f"{folder}/") else RuleViolation(f"Its YAML is not in {folder}.")


@rule(severity=Severity.CRITICAL)
def source_is_described_and_watched(source: Source) -> RuleViolation | None:
    """A source and its columns are described, and dbt knows when it is late."""
    if not source.description or not all(column.description for column in source.columns):
        return RuleViolation("The source, or a column of it, has no description.")
    freshness = cast("dict[str, Any] | None", source.freshness)  # dbt-score hands on dbt's own mapping
    return None if freshness and freshness.get("error_after") else RuleViolation("The source has no freshness.")


@rule(severity=Severity.CRITICAL)
def exposure_is_described_and_owned(exposure: Exposure) -> RuleViolation | None:
    """An exposure is described, and has an owner with an address."""
    if exposure.description and exposure.owner.get("email"):
        return None
    return RuleViolation("The exposure has no description or no owner with an address.")
