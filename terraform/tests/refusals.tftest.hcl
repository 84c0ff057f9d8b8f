# Values that are refused before anything is asked of Google.
mock_provider "google" {}
mock_provider "google" {
  alias = "billing"
}

variables {
  project_id = "example-project-123"
}

run "project_id_that_is_a_name" {
  command = plan
  variables {
    project_id = "My Project"
  }
  expect_failures = [var.project_id]
}

run "zone_for_region" {
  command = plan
  variables {
    region = "europe-west1-b"
  }
  expect_failures = [var.region]
}

run "location_nowhere" {
  command = plan
  variables {
    location = "Europe"
  }
  expect_failures = [var.location]
}

run "name_too_long" {
  command = plan
  variables {
    name = "eco2mix-on-composer-in-production"
  }
  expect_failures = [var.name]
}

run "label_in_capitals" {
  command = plan
  variables {
    labels = { Team = "energy" }
  }
  expect_failures = [var.labels]
}

run "bucket_with_scheme" {
  command = plan
  variables {
    lake_bucket = "gs://my-lake"
  }
  expect_failures = [var.lake_bucket]
}

run "dataset_with_hyphen" {
  command = plan
  variables {
    datasets = { staging = "de-project" }
  }
  expect_failures = [var.datasets]
}

run "two_datasets_of_one_name" {
  command = plan
  variables {
    datasets = { staging = "de_project_production" }
  }
  expect_failures = [var.datasets]
}

run "nearline_too_early" {
  command = plan
  variables {
    lake_nearline_after_days = 1
  }
  expect_failures = [var.lake_nearline_after_days]
}

run "soft_delete_too_long" {
  command = plan
  variables {
    soft_delete_days = 91
  }
  expect_failures = [var.soft_delete_days]
}

run "target_of_the_laptop" {
  command = plan
  variables {
    dbt_target = "local"
  }
  expect_failures = [var.dbt_target]
}

run "api_with_path" {
  command = plan
  variables {
    odre_api_url = "https://odre.opendatasoft.com/api/explore/v2.1"
  }
  expect_failures = [var.odre_api_url]
}

run "api_without_tls" {
  command = plan
  variables {
    odre_api_url = "http://odre.opendatasoft.com"
  }
  expect_failures = [var.odre_api_url]
}

run "pool_with_blank" {
  command = plan
  variables {
    warehouse_pool = "my pool"
  }
  expect_failures = [var.warehouse_pool]
}

run "bytes_below_minimum" {
  command = plan
  variables {
    maximum_bytes_billed = 1000
  }
  expect_failures = [var.maximum_bytes_billed]
}

run "airflow_setting_as_variable" {
  command = plan
  variables {
    env_variables = { AIRFLOW__CORE__PARALLELISM = "4" }
  }
  expect_failures = [var.env_variables]
}

run "setting_of_airflow_2" {
  command = plan
  variables {
    airflow_config = { webserver-expose_config = "True" }
  }
  expect_failures = [var.airflow_config]
}

run "image_of_composer_2" {
  command = plan
  variables {
    image_version = "composer-2.9.0-airflow-2.9.3"
  }
  expect_failures = [var.image_version]
}

run "image_of_another_airflow" {
  command = plan
  variables {
    image_version = "composer-3-airflow-3.2.2-build.1"
  }
  expect_failures = [var.image_version]
}

run "image_of_a_longer_version" {
  command = plan
  variables {
    image_version = "composer-3-airflow-3.3.10"
  }
  expect_failures = [var.image_version]
}

run "package_that_is_not_ours" {
  command = plan
  variables {
    image_packages = ["numpy"]
  }
  expect_failures = [var.image_packages]
}

run "size_unknown" {
  command = plan
  variables {
    environment_size = "huge"
  }
  expect_failures = [var.environment_size]
}

run "memory_too_short" {
  command = plan
  variables {
    metadata_retention_days = 7
  }
  expect_failures = [var.metadata_retention_days]
}

run "ui_from_a_name" {
  command = plan
  variables {
    airflow_ui_networks = { office = "office.example.org" }
  }
  expect_failures = [var.airflow_ui_networks]
}

run "public_range" {
  command = plan
  variables {
    network_range = "8.8.8.0/24"
  }
  expect_failures = [var.network_range]
}

run "address_incomplete" {
  command = plan
  variables {
    alert_emails = ["data-team"]
  }
  expect_failures = [var.alert_emails]
}

run "budget_of_nothing" {
  command = plan
  variables {
    budget = { billing_account = "ABCDEF-012345-6789AB", amount = 0 }
  }
  expect_failures = [var.budget]
}

run "budget_without_account" {
  command = plan
  variables {
    budget = { billing_account = "mine", amount = 10 }
  }
  expect_failures = [var.budget]
}
