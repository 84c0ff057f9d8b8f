# What the variables change.
mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }
}
mock_provider "google" {
  alias = "billing"
}

variables {
  project_id = "example-project-123"
}

run "unprotected" {
  command = plan

  variables {
    deletion_protection = false
  }

  assert {
    condition     = google_storage_bucket.lake.deletion_policy == "DELETE" && google_storage_bucket.lake.force_destroy
    error_message = "without protection destroy empties and deletes the lake"
  }
  assert {
    condition     = alltrue([for dataset in google_bigquery_dataset.this : dataset.deletion_policy == "DELETE" && dataset.delete_contents_on_destroy])
    error_message = "without protection destroy deletes datasets and tables"
  }
  assert {
    condition     = output.kept_by_destroy == ["enabled APIs", "log entries in Cloud Logging"]
    error_message = "without protection no data are kept"
  }
}

run "development" {
  command = plan

  variables {
    dbt_target  = "development"
    name        = "eco2mix-dev"
    lake_bucket = "my-lake"
    location    = "europe-west9"
    datasets    = { development = "sandbox" }
    labels      = { team = "energy" }
  }

  assert {
    condition     = keys(google_bigquery_dataset_iam_member.composer) == ["development", "staging"]
    error_message = "a development environment cannot write production tables"
  }
  assert {
    condition     = local.env_variables["DBT_TARGET"] == "development" && local.env_variables["ECO2MIX_DEVELOPMENT_DATASET"] == "sandbox" && local.env_variables["ECO2MIX_LAKE_BUCKET"] == "my-lake" && local.env_variables["ECO2MIX_LOCATION"] == "europe-west9"
    error_message = "chosen names reach the pipeline"
  }
  assert {
    condition     = google_storage_bucket.lake.name == "my-lake" && google_storage_bucket.lake.location == "europe-west9" && google_bigquery_dataset.this["development"].dataset_id == "sandbox"
    error_message = "chosen names reach the resources"
  }
  assert {
    condition     = google_storage_bucket.lake.labels == tomap({ pipeline = "eco2mix", environment = "development", managed_by = "terraform", team = "energy" })
    error_message = "further labels are added to the module's"
  }
  assert {
    condition     = strcontains(output.looker_studio_links["mix_daily"], "ds.ds0.datasetId=sandbox")
    error_message = "links follow the target"
  }
}

run "private" {
  command = plan

  variables {
    private_environment = true
    airflow_ui_networks = { office = "203.0.113.0/24" }
  }

  assert {
    condition     = google_composer_environment.this.config[0].enable_private_environment
    error_message = "the environment has private addresses only"
  }
  assert {
    condition     = length(google_compute_router_nat.this) == 1 && google_compute_router_nat.this[0].source_subnetwork_ip_ranges_to_nat == "ALL_SUBNETWORKS_ALL_IP_RANGES"
    error_message = "a private environment has a way out to the public API"
  }
  assert {
    condition     = google_compute_subnetwork.this[0].private_ip_google_access
    error_message = "Google's APIs are reached without leaving the network"
  }
  assert {
    condition     = contains(keys(google_project_service.this), "compute.googleapis.com")
    error_message = "the network's API is enabled"
  }
  assert {
    condition     = one(google_composer_environment.this.config[0].web_server_network_access_control[0].allowed_ip_range).value == "203.0.113.0/24"
    error_message = "the Airflow UI opens from the given networks only"
  }
}

run "watched" {
  # Applied (to nothing): only then do channels have ids.
  command = apply

  # gcloud is no provider, so nothing could mock it.
  variables {
    warehouse_pool = "default_pool"
    alert_emails   = ["data-team@example.org"]
    budget         = { billing_account = "ABCDEF-012345-6789AB", amount = 600 }
  }

  assert {
    condition     = google_monitoring_notification_channel.email["data-team@example.org"].labels == tomap({ email_address = "data-team@example.org" })
    error_message = "the address becomes a channel"
  }
  assert {
    condition = alltrue([
      for policy in [google_monitoring_alert_policy.health, google_monitoring_alert_policy.failed_runs, google_monitoring_alert_policy.stale_data] :
      policy.notification_channels == tolist([google_monitoring_notification_channel.email["data-team@example.org"].id])
    ])
    error_message = "every alert goes to the channel"
  }
  assert {
    condition     = google_billing_budget.this[0].amount[0].specified_amount[0].units == "600" && google_billing_budget.this[0].budget_filter[0].projects == toset(["projects/123456789012"])
    error_message = "the budget is for this project"
  }
  assert {
    condition     = length(terraform_data.warehouse_pool) == 0 && local.env_variables["ECO2MIX_WAREHOUSE_POOL"] == "default_pool"
    error_message = "default_pool is Airflow's own: nothing is made"
  }
  assert {
    condition     = google_composer_environment.this.config[0].node_config[0].service_account == google_service_account.composer.email
    error_message = "the environment runs as its own account"
  }
  assert {
    condition     = alltrue([for binding in google_project_iam_member.composer : binding.member == google_service_account.composer.member])
    error_message = "roles go to the environment's account and nobody else"
  }
}

run "settings" {
  command = plan

  variables {
    image_version        = "composer-3-airflow-3.3.1-build.2"
    image_packages       = ["pandas", "requests"]
    environment_size     = "medium"
    airflow_config       = { core-max_active_tasks_per_dag = "4" }
    env_variables        = { AIRFLOW_VAR_NOTE = "hello" }
    dags_start_paused    = true
    maximum_bytes_billed = 1000000000000
  }

  assert {
    condition     = google_composer_environment.this.config[0].software_config[0].image_version == "composer-3-airflow-3.3.1-build.2"
    error_message = "a build can be pinned"
  }
  assert {
    condition     = !contains(keys(local.pypi_packages), "pandas") && contains(keys(local.pypi_packages), "dbt-core")
    error_message = "packages can be left to the image"
  }
  assert {
    condition     = google_composer_environment.this.config[0].environment_size == "ENVIRONMENT_SIZE_MEDIUM" && google_composer_environment.this.config[0].workloads_config[0].worker[0].max_count == 4
    error_message = "size chooses workloads"
  }
  assert {
    condition     = local.airflow_config["core-max_active_tasks_per_dag"] == "4" && local.airflow_config["core-dags_are_paused_at_creation"] == "True"
    error_message = "settings can be overridden"
  }
  assert {
    condition     = local.env_variables["AIRFLOW_VAR_NOTE"] == "hello" && local.env_variables["ECO2MIX_MAXIMUM_BYTES_BILLED"] == "1000000000000"
    error_message = "variables reach Airflow as they are, large numbers without exponent"
  }
}
