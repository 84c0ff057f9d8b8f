# Values that are refused before anything is asked of Google. A plan costs seconds, so each run gives a wrong value to
# many variables; every one of them has to be refused, and nothing else may be.
mock_provider "google" {}
mock_provider "google" {
  alias = "billing"
}

variables {
  project_id = "example-project-123"
}

run "wrong_in_every_variable" {
  command = plan

  variables {
    project_id               = "My Project"     # a name, not an id
    region                   = "europe-west1-b" # a zone
    location                 = "Europe"         # nowhere
    name                     = "eco2mix-on-composer-in-production"
    labels                   = { Team = "energy" }
    lake_bucket              = "gs://my-lake"
    datasets                 = { staging = "de-project" }
    lake_nearline_after_days = 1
    soft_delete_days         = 91
    dbt_target               = "local" # the laptop's
    odre_api_url             = "https://odre.opendatasoft.com/api/explore/v2.1"
    warehouse_pool           = "my pool"
    maximum_bytes_billed     = 1000
    env_variables            = { AIRFLOW__CORE__PARALLELISM = "4" }
    airflow_config           = { webserver-expose_config = "True" } # of Airflow 2
    image_version            = "composer-2.9.0-airflow-2.9.3"
    image_packages           = ["numpy"] # not one of ours
    environment_size         = "huge"
    metadata_retention_days  = 7
    airflow_ui_networks      = { office = "office.example.org" }
    network_range            = "8.8.8.0/24" # public
    alert_emails             = ["data-team"]
    budget                   = { billing_account = "ABCDEF-012345-6789AB", amount = 0 }
  }

  expect_failures = [
    var.project_id, var.region, var.location, var.name, var.labels,
    var.lake_bucket, var.datasets, var.lake_nearline_after_days, var.soft_delete_days,
    var.dbt_target, var.odre_api_url, var.warehouse_pool, var.maximum_bytes_billed, var.env_variables, var.airflow_config,
    var.image_version, var.image_packages, var.environment_size, var.metadata_retention_days,
    var.airflow_ui_networks, var.network_range, var.alert_emails, var.budget,
  ]
}

run "wrong_in_another_way" {
  command = plan

  variables {
    datasets         = { staging = "de_project_production" } # two of one name
    odre_api_url     = "http://odre.opendatasoft.com"        # without TLS
    image_version    = "composer-3-airflow-3.2.2-build.1"    # another Airflow than the lock's
    soft_delete_days = 10.5
    budget           = { billing_account = "mine", amount = 10 }
  }

  expect_failures = [var.datasets, var.odre_api_url, var.image_version, var.soft_delete_days, var.budget]
}

run "image_of_a_longer_version" {
  command = plan

  variables {
    image_version = "composer-3-airflow-3.3.10"
  }

  expect_failures = [var.image_version]
}
