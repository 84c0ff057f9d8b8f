# The plan that follows from a project id alone. It needs no account and no network, because the provider is mocked; the
# provider's schema is the real one.
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

# All assertions share one plan, because each plan takes seconds.
run "defaults" {
  command = plan

  # --- lake
  assert {
    condition     = google_storage_bucket.lake.name == "example-project-123-eco2mix-lake"
    error_message = "the lake is named after project and environment"
  }
  assert {
    condition     = google_storage_bucket.lake.location == "EU"
    error_message = "the lake lies where the datasets lie"
  }
  assert {
    condition     = google_storage_bucket.lake.uniform_bucket_level_access
    error_message = "no object of the lake has an access list of its own"
  }
  assert {
    condition     = google_storage_bucket.lake.public_access_prevention == "enforced"
    error_message = "the lake cannot be made public"
  }
  assert {
    condition     = google_storage_bucket.lake.versioning[0].enabled
    error_message = "overwritten objects of the lake can be brought back"
  }
  assert {
    condition     = google_storage_bucket.lake.soft_delete_policy[0].retention_duration_seconds == 30 * 24 * 60 * 60
    error_message = "deleted objects of the lake can be restored for 30 days"
  }
  assert {
    condition = one([
      for rule in google_storage_bucket.lake.lifecycle_rule : one(rule.condition).age if one(rule.action).type == "SetStorageClass" && one(rule.action).storage_class == "NEARLINE"
    ]) == 90
    error_message = "raw objects become cheaper after 90 days"
  }
  assert {
    condition = alltrue([
      for rule in google_storage_bucket.lake.lifecycle_rule : one(rule.condition).with_state == "ARCHIVED" if one(rule.action).type == "Delete"
    ])
    error_message = "no lifecycle rule deletes a live object of the lake"
  }
  assert {
    condition     = google_storage_bucket.lake.deletion_policy == "PREVENT" && !google_storage_bucket.lake.force_destroy
    error_message = "destroy keeps the lake by default"
  }

  # --- datasets
  assert {
    condition     = toset([for dataset in google_bigquery_dataset.this : dataset.dataset_id]) == toset(["de_project_staging", "de_project_development", "de_project_production"])
    error_message = "the three datasets have their default names"
  }
  assert {
    condition     = alltrue([for dataset in google_bigquery_dataset.this : dataset.location == "EU"])
    error_message = "all datasets lie in the same location"
  }
  assert {
    condition     = alltrue([for dataset in google_bigquery_dataset.this : dataset.deletion_policy == "PREVENT" && !dataset.delete_contents_on_destroy])
    error_message = "destroy keeps the datasets by default"
  }
  assert {
    condition     = alltrue([for dataset in google_bigquery_dataset.this : length(dataset.access) == 0])
    error_message = "no dataset is opened by an access block of its own"
  }

  # --- identity
  assert {
    condition     = google_service_account.composer.account_id == "eco2mix-composer"
    error_message = "the environment runs as an account of its own"
  }
  assert {
    condition     = toset([for binding in google_project_iam_member.composer : binding.role]) == toset(["roles/composer.worker", "roles/bigquery.jobUser"])
    error_message = "two roles in the project and no other: data are reached dataset by dataset and bucket by bucket"
  }
  assert {
    condition = {
      for binding in google_bigquery_dataset_iam_member.composer : binding.dataset_id => binding.role
      } == {
      de_project_staging    = "roles/bigquery.dataEditor"
      de_project_production = "roles/bigquery.dataEditor"
    }
    error_message = "it edits the landing tables and its own target's dataset, not the other target's"
  }
  assert {
    condition     = google_storage_bucket_iam_member.lake.role == "roles/storage.objectUser" && google_storage_bucket_iam_member.lake.bucket == google_storage_bucket.lake.name
    error_message = "it reads and writes objects of the lake"
  }
  assert {
    condition = {
      for binding in google_secret_manager_secret_iam_member.connections : binding.secret_id => binding.role
      } == {
      airflow-connections-odre_api             = "roles/secretmanager.secretAccessor"
      airflow-connections-google_cloud_default = "roles/secretmanager.secretAccessor"
    }
    error_message = "it reads the secrets of its two connections and no other"
  }

  # --- environment
  assert {
    condition     = google_composer_environment.this.name == "eco2mix" && google_composer_environment.this.region == "europe-west1"
    error_message = "the environment has its default name and region"
  }
  assert {
    condition     = google_composer_environment.this.config[0].software_config[0].image_version == "composer-3-airflow-3.3.1"
    error_message = "the image is the one everything was tested on"
  }
  assert {
    condition     = google_composer_environment.this.config[0].software_config[0].web_server_plugins_mode == "ENABLED"
    error_message = "the web server loads plugins, or the dashboard has no page"
  }
  assert {
    condition     = google_composer_environment.this.storage_config[0].bucket == google_storage_bucket.environment.name
    error_message = "the environment uses the bucket that the code is uploaded to"
  }
  assert {
    condition     = !google_composer_environment.this.config[0].enable_private_environment
    error_message = "without a network of its own the environment has public egress: the API is public"
  }
  assert {
    condition = alltrue(flatten([
      for size, parts in local.workloads : [
        for part, w in parts : w.memory_gb >= w.cpu && w.memory_gb <= 8 * w.cpu && (part != "triggerer" || w.memory_gb >= 2)
      ]
    ]))
    error_message = "Composer takes 1 to 8 GB per vCPU, and Airflow 3's triggerer needs 2 GB"
  }
  assert {
    condition     = google_composer_environment.this.config[0].software_config[0].pypi_packages["dbt-bigquery"] == "==1.12.1"
    error_message = "packages have the exact version of requirements.lock"
  }
  assert {
    condition     = alltrue([for version in values(google_composer_environment.this.config[0].software_config[0].pypi_packages) : can(regex("^(\\[[a-z,-]+\\])?==[0-9][0-9a-z.]*$", version))])
    error_message = "every package is pinned exactly"
  }
  assert {
    condition     = length(google_storage_bucket.environment.retention_policy) == 0 && google_storage_bucket.environment.storage_class == "STANDARD" && lower(google_storage_bucket.environment.location) == google_composer_environment.this.region
    error_message = "Composer takes a bucket of its own region, class STANDARD, without retention policy"
  }
  assert {
    condition     = google_storage_bucket.environment.uniform_bucket_level_access && google_storage_bucket.environment.public_access_prevention == "enforced"
    error_message = "the environment's bucket cannot be made public"
  }

  # --- seam
  assert {
    condition     = local.env_variables["ECO2MIX_LAKE_BUCKET"] == google_storage_bucket.lake.name && local.env_variables["DBT_TARGET"] == "production"
    error_message = "the pipeline is told its lake and target"
  }
  assert {
    condition     = local.env_variables["ECO2MIX_MAXIMUM_BYTES_BILLED"] == "10737418240"
    error_message = "every query job is bounded, by a plain number"
  }
  assert {
    condition     = jsondecode(local.env_variables["AIRFLOW_CONN_ODRE_API"]) == { conn_type = "http", host = "https://odre.opendatasoft.com" }
    error_message = "odre_api is the public API"
  }
  assert {
    condition     = jsondecode(local.env_variables["AIRFLOW_CONN_GOOGLE_CLOUD_DEFAULT"]).extra.project == "example-project-123"
    error_message = "google_cloud_default names the project"
  }
  assert {
    condition     = length([for name in keys(google_composer_environment.this.config[0].software_config[0].env_variables) : name if startswith(name, "AIRFLOW__")]) == 0
    error_message = "Composer refuses AIRFLOW__… among environment variables"
  }
  assert {
    condition     = length(terraform_data.warehouse_pools) == 1 && local.env_variables["ECO2MIX_WAREHOUSE_POOL"] == "warehouse"
    error_message = "the pools that tasks ask for are made"
  }

  assert {
    condition     = local.env_variables["ECO2MIX_RUN_DEADLINE_MINUTES"] == "60" && length(setintersection(keys(local.env_variables), ["ECO2MIX_ALERT_EMAILS", "ECO2MIX_ALERT_WEBHOOK_CONN_ID", "ECO2MIX_APPROVAL_ABOVE_DAYS"])) == 0
    error_message = "nobody is told of runs, and nobody asked for approval, until a variable says so"
  }
  assert {
    condition     = length(setintersection(keys(local.env_variables), local.reserved_env_variables)) == 0
    error_message = "Composer reserves names of environment variables"
  }
  assert {
    condition     = tonumber(local.airflow_config["core-dagbag_import_timeout"]) >= tonumber(local.airflow_config["dag_processor-dag_file_processor_timeout"]) && tonumber(local.airflow_config["core-dagbag_import_timeout"]) <= 600
    error_message = "Composer's bounds of dagbag_import_timeout"
  }
  assert {
    condition     = length([for option in keys(local.airflow_config) : option if can(regex(local.blocked_options, option))]) == 0
    error_message = "no option that Composer blocks is set"
  }
  assert {
    condition     = length(google_iam_workload_identity_pool.github) == 0 && length(google_service_account.github) == 0
    error_message = "nobody outside the project can deploy until github_repository is set"
  }

  # --- uploads
  assert {
    condition = alltrue([
      for name in concat([for file in fileset("${path.module}/../dags", "*.py") : "dags/${file}"], ["plugins/odre/pipeline.py"]) :
      contains(keys(google_storage_bucket_object.code), name)
    ])
    error_message = "DAG files and plugins are uploaded"
  }
  assert {
    condition = alltrue([
      for name in concat(["manifest.json", "dbt_project.yml", "profiles.yml"], flatten([
        for dag in [for file in fileset("${path.module}/../dags", "*.py") : trimsuffix(file, ".py")] :
        ["manifests/${dag}.json", "models/staging/${dag}/_sources.yml"]
      ])) :
      contains(keys(google_storage_bucket_object.code), trimprefix("${local.env_variables["DBT_PROJECT_DIR"]}/${name}", "/home/airflow/gcs/"))
    ])
    error_message = "the dbt project, with every DAG's manifest and contract, lies where DBT_PROJECT_DIR says"
  }
  assert {
    condition     = length([for name in keys(google_storage_bucket_object.code) : name if strcontains(name, "laptop") || strcontains(name, "__pycache__") || strcontains(name, "/target/")]) == 0
    error_message = "the laptop's stack, caches and build products stay on the laptop"
  }
  assert {
    condition     = length([for name in keys(google_storage_bucket_object.code) : name if can(regex("(^|/)dbt_[^/]*\\.py$", name))]) == 0
    error_message = "dbt imports every module named dbt_*: no file may have such a name"
  }
  assert {
    condition     = alltrue([for object in google_storage_bucket_object.code : startswith(object.source, "./../")])
    error_message = "sources are relative, so that a plan is the same on every machine"
  }

  # --- watching
  assert {
    condition     = strcontains(google_monitoring_alert_policy.health.conditions[0].condition_threshold[0].filter, "composer.googleapis.com/environment/healthy")
    error_message = "the environment's health is watched"
  }
  assert {
    condition     = [for condition in google_monitoring_alert_policy.failed_runs.conditions : condition.display_name] == [for file in sort(fileset("${path.module}/../dags", "*.py")) : "${trimsuffix(file, ".py")} failed"]
    error_message = "failed runs of every DAG are reported"
  }
  # For every DAG: the seconds after which its data are stale follow from the cron expression in its contract. `… * * * *`
  # runs every hour, any other `… * * *` every day, and all others less often than Cloud Monitoring can look back.
  assert {
    condition = {
      for dag in [for file in fileset("${path.module}/../dags", "*.py") : trimsuffix(file, ".py")] :
      dag => join(" ", [for condition in google_monitoring_alert_policy.stale_data.conditions : condition.condition_threshold[0].aggregations[0].alignment_period if startswith(condition.display_name, "${dag}:")])
      } == {
      for dag, schedule in {
        for file in fileset("${path.module}/../dags", "*.py") : trimsuffix(file, ".py") =>
        yamldecode(file("${path.module}/../include/dbt/models/staging/${trimsuffix(file, ".py")}/_sources.yml")).sources[0].tables[0].config.meta.odre.schedule
      } : dag => endswith(schedule, " * * * *") ? "10800s" : endswith(schedule, " * * *") ? "86400s" : ""
    }
    error_message = "staleness follows the schedule of each contract: three hours, a day, or no alert for a DAG that does not run every day"
  }
  assert {
    condition     = [for condition in google_monitoring_alert_policy.stale_data.conditions : condition.display_name if startswith(condition.display_name, "eco2mix_national_tr:")] == ["eco2mix_national_tr: no successful run in 3 hours"]
    error_message = "the hourly DAG has an alert that names it and its hours"
  }
  assert {
    condition     = alltrue([for condition in google_monitoring_alert_policy.stale_data.conditions : condition.condition_threshold[0].evaluation_missing_data == "EVALUATION_MISSING_DATA_ACTIVE"])
    error_message = "no run at all is stale, too"
  }
  assert {
    condition     = length(google_billing_budget.this) == 0 && length(google_monitoring_notification_channel.email) == 0
    error_message = "budget and channels are options"
  }

  # --- labels
  assert {
    condition = alltrue([
      for labels in concat(
        [google_storage_bucket.lake.labels, google_storage_bucket.environment.labels, google_composer_environment.this.labels],
        [for dataset in google_bigquery_dataset.this : dataset.labels],
        [for secret in google_secret_manager_secret.connections : secret.labels],
        [for policy in [google_monitoring_alert_policy.health, google_monitoring_alert_policy.failed_runs, google_monitoring_alert_policy.stale_data] : policy.user_labels],
      ) : labels["pipeline"] == "eco2mix" && labels["environment"] == "production" && labels["managed_by"] == "terraform"
    ])
    error_message = "everything that can carry labels does"
  }

  # --- outputs
  assert {
    condition     = output.looker_studio == "https://lookerstudio.google.com/reporting/create?c.mode=edit&ds.ds0.connector=bigQuery&ds.ds0.datasetId=de_project_production&ds.ds0.datasourceName=daily_merged&ds.ds0.projectId=example-project-123&ds.ds0.tableId=daily_merged&ds.ds0.type=TABLE&r.reportName=%C3%89co2mix%3A+daily_merged"
    error_message = "the Looker Studio link connects daily_merged of the target's dataset"
  }
  assert {
    condition     = output.monthly_cost_estimate_usd.total.small < output.monthly_cost_estimate_usd.total.medium && output.monthly_cost_estimate_usd.total.medium < output.monthly_cost_estimate_usd.total.large
    error_message = "bigger environments cost more"
  }
  assert {
    condition     = contains(output.kept_by_destroy, "gs://example-project-123-eco2mix-lake") && contains(output.kept_by_destroy, "example-project-123.de_project_staging")
    error_message = "what destroy keeps is said"
  }
}
