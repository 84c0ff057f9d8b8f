# What the variables change.
mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }
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

run "one_continent" {
  command = plan

  variables {
    region   = "northamerica-northeast1" # Montréal
    location = "US"
  }

  assert {
    condition     = google_composer_environment.this.region == "northamerica-northeast1" && google_bigquery_dataset.this["staging"].location == "US"
    error_message = "Canada and the United States lie on one continent"
  }
}

run "watched" {
  # Applied (to nothing): only then do channels have ids.
  command = apply

  # Commands on this machine are no provider's, so nothing could mock them.
  variables {
    warehouse_pool    = "default_pool"
    iam_wait_seconds  = 0
    alert_emails      = ["data-team@example.org"]
    run_alert_emails  = ["data-team@example.org", "night-shift@example.org"]
    run_alert_webhook = true
    budget            = { billing_account = "ABCDEF-012345-6789AB", amount = 600, currency = "USD" }
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
    condition     = google_billing_budget.this[0].amount[0].specified_amount[0].units == "600" && google_billing_budget.this[0].amount[0].specified_amount[0].currency_code == "USD" && google_billing_budget.this[0].budget_filter[0].projects == toset(["projects/123456789012"])
    error_message = "the budget is for this project"
  }
  assert {
    condition     = local.env_variables["ECO2MIX_ALERT_WEBHOOK_CONN_ID"] == "eco2mix_alerts" && local.env_variables["ECO2MIX_ALERT_EMAILS"] == "data-team@example.org,night-shift@example.org"
    error_message = "Airflow is told whom to tell"
  }
  assert {
    condition = {
      for binding in google_secret_manager_secret_iam_member.connections : binding.secret_id => binding.member
      } == {
      for id in ["odre_api", "google_cloud_default", "eco2mix_alerts", "smtp_default"] : "airflow-connections-${id}" => google_service_account.composer.member
    }
    error_message = "the environment reads the secrets of webhook and mail server, or no alert would be sent"
  }
  assert {
    condition     = length(terraform_data.warehouse_pools) == 0 && local.env_variables["ECO2MIX_WAREHOUSE_POOL"] == "default_pool"
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
    airflow_config       = { core-max_active_tasks_per_dag = "4", celery-worker_prefetch_multiplier = "1" }
    env_variables        = { AIRFLOW_VAR_NOTE = "hello" }
    further_packages     = { apache-beam = "==2.75.0" }
    approval_above_days  = 31
    dags_start_paused    = true
    maximum_bytes_billed = 1000000000000
  }

  assert {
    condition     = google_composer_environment.this.config[0].software_config[0].image_version == "composer-3-airflow-3.3.1-build.2"
    error_message = "a build can be pinned"
  }
  assert {
    condition     = !contains(keys(local.pypi_packages), "pandas") && contains(keys(local.pypi_packages), "dbt-core") && local.pypi_packages["apache-beam"] == "==2.75.0"
    error_message = "packages can be left to the image, and others pinned"
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
    condition     = local.env_variables["AIRFLOW_VAR_NOTE"] == "hello" && local.env_variables["ECO2MIX_MAXIMUM_BYTES_BILLED"] == "1000000000000" && local.env_variables["ECO2MIX_APPROVAL_ABOVE_DAYS"] == "31"
    error_message = "variables reach Airflow as they are, large numbers without exponent"
  }
}

run "first_step_of_an_upgrade" {
  command = plan

  variables {
    image_version  = "composer-3-airflow-3.2.2"
    packages_first = true
  }

  # The warnings that say so: the image is older than the packages, and the mock offers 3.3.1 only.
  expect_failures = [check.upgrade_is_complete, check.image_is_offered]

  assert {
    condition     = google_composer_environment.this.config[0].software_config[0].image_version == "composer-3-airflow-3.2.2" && local.pypi_packages["dbt-bigquery"] == "==1.12.1"
    error_message = "new packages on the old image"
  }
}

run "deployed_by_github" {
  command = plan

  variables {
    github_repository = "example-org/eco2mix"
    state_bucket      = "example-state"
  }

  assert {
    condition     = google_iam_workload_identity_pool_provider.github[0].attribute_condition == "assertion.repository == \"example-org/eco2mix\""
    error_message = "tokens of other repositories are refused"
  }
  assert {
    condition     = google_iam_workload_identity_pool_provider.github[0].oidc[0].issuer_uri == "https://token.actions.githubusercontent.com"
    error_message = "GitHub issues the tokens"
  }
  assert {
    condition     = local.github_accounts["apply"].who == "attribute.environment/production" && strcontains(google_iam_workload_identity_pool_provider.github[0].attribute_mapping["attribute.environment"], ": 'none'")
    error_message = "only jobs of the GitHub environment named after the target may apply"
  }
  assert {
    condition     = !contains([for binding in google_project_iam_member.github : binding.role], "roles/owner")
    error_message = "nobody is owner"
  }
  assert {
    condition     = toset([for key, binding in google_project_iam_member.github : binding.role if startswith(key, "plan ")]) == toset(["roles/viewer", "roles/iam.securityReviewer", "roles/iam.workloadIdentityPoolViewer"])
    error_message = "a plan only reads, and may read the pool, too"
  }
  assert {
    condition     = { for key, binding in google_storage_bucket_iam_member.state : key => binding.role } == { apply = "roles/storage.objectAdmin", plan = "roles/storage.objectViewer" }
    error_message = "a plan only reads the state"
  }
}
