"""Settings come from environment variables, and a wrong one is refused by name."""

import pytest
from odre.settings import Settings

GIVEN = {"ECO2MIX_PROJECT_ID": "p", "ECO2MIX_LAKE_BUCKET": "b"}


def test_defaults_and_values():
    settings = Settings.from_environment(GIVEN | {"ECO2MIX_LOCATION": "", "ECO2MIX_APPROVAL_ABOVE_DAYS": "60"})
    assert (settings.project_id, settings.lake_bucket, settings.location) == ("p", "b", "EU")
    assert (settings.approval_above_days, settings.maximum_bytes_billed) == (60, 10 * 1024**3)
    assert settings.marts_dataset == settings.development_dataset
    production = Settings.from_environment(GIVEN | {"DBT_TARGET": "production"})
    assert production.marts_dataset == production.production_dataset
    # Airflow has no other pool than its own unless somebody makes one, and a task waits for ever for a pool that is missing.
    assert settings.mart_pool("gas") == settings.warehouse_pool == "default_pool"
    assert Settings.from_environment(GIVEN | {"ECO2MIX_WAREHOUSE_POOL": "w"}).mart_pool("gas") == "w_gas"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ECO2MIX_PROJECT_ID": ""}, "ECO2MIX_PROJECT_ID is not set → set it where"),
        ({"ECO2MIX_APPROVAL_ABOVE_DAYS": "a month"}, "ECO2MIX_APPROVAL_ABOVE_DAYS is 'a month', not a number → "),
        ({"ECO2MIX_RUN_DEADLINE_MINUTES": "-5"}, "ECO2MIX_RUN_DEADLINE_MINUTES is '-5', not greater than 0 → "),
        ({"ECO2MIX_RUN_DEADLINE_MINUTES": "inf"}, "ECO2MIX_RUN_DEADLINE_MINUTES is 'inf', not a finite number → "),
        ({"ECO2MIX_MAXIMUM_BYTES_BILLED": "10 GB"}, "ECO2MIX_MAXIMUM_BYTES_BILLED is '10 GB', not a whole number → "),
    ],
)
def test_a_wrong_variable_is_refused_by_name(change, says):
    with pytest.raises(RuntimeError, match=f"^environment variable {says}") as refusal:
        Settings.from_environment(GIVEN | change)
    assert "\n" not in str(refusal.value)
