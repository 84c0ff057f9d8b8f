# Values that are refused before anything is asked of Google. A plan costs seconds, so each run gives a wrong value to
# many variables; every one of them has to be refused, and nothing else may be.
mock_provider "google" {
  mock_data "google_composer_image_versions" {
    defaults = { image_versions = [{ image_version_id = "composer-3-airflow-3.3.1-build.2", supported_python_versions = ["3"] }] }
  }
}
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
    image_version            = "composer-2.9.0-airflow-2.9.3"
    image_packages           = ["numpy"] # not one of ours
    environment_size         = "huge"
    metadata_retention_days  = 7
    airflow_ui_networks      = { office = "office.example.org" }
    network_range            = "8.8.8.0/24" # public
    alert_emails             = ["data-team"]
    run_alert_emails         = ["data-team"]
    run_deadline_minutes     = 0
    approval_above_days      = 0
    further_packages         = { apache-beam = ">=2.75" }
    iam_wait_seconds         = -1
    github_repository        = "https://github.com/example-org/eco2mix"
    state_bucket             = "gs://state"
    budget                   = { billing_account = "ABCDEF-012345-6789AB", amount = 0 }
  }

  expect_failures = [
    var.project_id, var.region, var.name, var.labels,
    var.lake_bucket, var.datasets, var.lake_nearline_after_days, var.soft_delete_days,
    var.dbt_target, var.odre_api_url, var.warehouse_pool, var.maximum_bytes_billed, var.run_alert_emails,
    var.run_deadline_minutes, var.approval_above_days, var.further_packages, var.iam_wait_seconds, var.github_repository,
    var.state_bucket,
    var.image_version, var.image_packages, var.environment_size, var.metadata_retention_days,
    var.airflow_ui_networks, var.network_range, var.alert_emails, var.budget,
  ]
}

run "wrong_in_another_way" {
  command = plan

  variables {
    project_id              = "my-google-project"                   # in a bucket's name, Cloud Storage refuses that
    region                  = "europe-west5"                        # there is none
    datasets                = { staging = "de_project_production" } # two of one name
    odre_api_url            = "http://odre.opendatasoft.com"        # without TLS
    image_version           = "composer-3-airflow-3.2.2-build.1"    # another Airflow than the lock's
    soft_delete_days        = 10.5
    metadata_retention_days = 30.5
    lake_bucket             = "goog-lake"
    airflow_ui_networks     = { office = "203.0.113.7/24" } # an address, not a network
    network_range           = "10.20.0.7/24"
    further_packages        = { dbt-core = "==1.11.0" } # the lock's affair
    budget                  = { billing_account = "mine", amount = 10 }
  }

  expect_failures = [
    var.project_id, var.region, var.datasets, var.odre_api_url, var.image_version, var.soft_delete_days, var.metadata_retention_days,
    var.lake_bucket, var.airflow_ui_networks, var.network_range, var.further_packages, var.budget,
  ]
}

run "wrong_in_a_third_way" {
  command = plan

  variables {
    project_id           = "example-g00gle"
    name                 = "my-g00gle"
    labels               = { pipeline = "mine" } # the module's
    datasets             = { stagging = "mine" } # misspelt
    budget               = { billing_account = "ABCDEF-012345-6789AB", amount = 10, money = "USD" }
    maximum_bytes_billed = 10000000000000000000 # beyond the API's numbers
    packages_first       = true
    image_version        = "composer-3-airflow-2.10.5" # cannot be upgraded in place
    further_packages     = { dbt_core = "==1.11.0" }   # the lock's affair, in another spelling
    iam_wait_seconds     = 1000000000
    state_bucket         = "my-google-state"
  }

  expect_failures = [
    var.project_id, var.name, var.labels, var.datasets, var.maximum_bytes_billed, var.image_version,
    var.further_packages, var.iam_wait_seconds, var.state_bucket, var.budget,
  ]
}

run "wrong_in_a_fourth_way" {
  command = plan

  variables {
    name     = "gcp-eco2mix"            # no beginning for a workload identity pool
    labels   = { goog-team = "energy" } # Google keeps these
    datasets = { staging = null }
    budget   = { billing_account = "ABCDEF-012345-6789AB", amount = null }
  }

  expect_failures = [var.name, var.labels, var.datasets, var.budget]
}

# These are compared with other values, which have to be right for it.
run "wrong_location_and_bucket" {
  command = plan

  variables {
    location            = "Europe" # nowhere
    lake_bucket         = "my-g00gle-lake"
    network_range       = "10.0.0.0/30"
    airflow_ui_networks = { office = "2001:db8:0::1/32" } # an address, not a network
  }

  expect_failures = [var.location, var.lake_bucket, var.network_range, var.airflow_ui_networks]
}

run "across_an_ocean" {
  command = plan

  variables {
    region   = "us-central1"
    location = "europe-west9"
  }

  expect_failures = [var.location]
}

run "across_another_ocean" {
  command = plan

  variables {
    region   = "northamerica-northeast1"
    location = "southamerica-east1"
  }

  expect_failures = [var.location]
}

run "settings_of_airflow_2" {
  command = plan

  variables {
    env_variables  = { AIRFLOW__CORE__PARALLELISM = "4" }
    airflow_config = { webserver-expose_config = "True" }
  }

  expect_failures = [var.env_variables, var.airflow_config]
}

run "names_that_composer_keeps" {
  command = plan

  variables {
    env_variables  = { GCS_BUCKET = "mine" }
    airflow_config = { core-load_examples = "False" }
  }

  expect_failures = [var.env_variables, var.airflow_config]
}

run "names_of_this_module" {
  command = plan

  variables {
    env_variables  = { ECO2MIX_LAKE_BUCKET = "another" }
    airflow_config = { secrets-backend = "another" }
  }

  expect_failures = [var.env_variables, var.airflow_config]
}

run "without_a_value" {
  command = plan

  variables {
    env_variables  = { NOTE = null }
    airflow_config = { core-parallelism = null }
  }

  expect_failures = [var.env_variables, var.airflow_config]
}

run "a_password_in_an_address" {
  command = plan

  variables {
    env_variables = { AIRFLOW_CONN_X = "postgres://me:secret@host/db" }
  }

  expect_failures = [var.env_variables]
}

run "a_password_in_a_document" {
  command = plan

  variables {
    env_variables = { AIRFLOW_CONN_X = "{\"conn_type\": \"http\", \"password\": \"secret\"}" }
  }

  expect_failures = [var.env_variables]
}

run "an_option_airflow_does_not_know" {
  command = plan

  variables {
    airflow_config = { core-max_active_task_per_dag = "4" }
  }

  expect_failures = [var.airflow_config]
}

run "options_out_of_bounds" {
  command = plan

  variables {
    airflow_config = {
      core-dagbag_import_timeout        = "120"
      celery-worker_concurrency         = "25"
      scheduler-scheduler_heartbeat_sec = "5" # has a least value and no greatest one
    }
  }

  expect_failures = [google_composer_environment.this]
}

run "an_image_that_is_not_offered" {
  command = plan

  variables {
    image_version = "composer-3-airflow-3.3.1-build.0"
  }

  expect_failures = [check.image_is_offered]
}

run "image_of_a_longer_version" {
  command = plan

  variables {
    image_version = "composer-3-airflow-3.3.10"
  }

  expect_failures = [var.image_version]
}
