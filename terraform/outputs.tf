output "airflow_ui" {
  description = "Address of the Airflow UI; Google sign-in and the role composer.user open it."
  value       = google_composer_environment.this.config[0].airflow_uri
}

output "environment" {
  description = "Resource name of the Composer environment."
  value       = google_composer_environment.this.id
}

output "dags_start_paused" {
  description = "Whether new DAGs are paused until somebody unpauses them."
  value       = var.dags_start_paused
}

output "environment_bucket" {
  description = "Bucket that holds the deployed code and the logs."
  value       = "gs://${google_storage_bucket.environment.name}"
}

output "lake_bucket" {
  description = "Bucket of the lake: raw objects, dashboard, dbt docs."
  value       = "gs://${google_storage_bucket.lake.name}"
}

output "datasets" {
  description = "BigQuery datasets, as project.dataset."
  value       = { for key, dataset in google_bigquery_dataset.this : key => "${var.project_id}.${dataset.dataset_id}" }
}

output "service_account" {
  description = "Service account that runs the DAGs."
  value       = google_service_account.composer.email
}

locals {
  marts_dataset = local.datasets[var.dbt_target].id

  # Looker Studio's Linking API: the link opens a new report whose data source is connected to the table.
  dashboard_tables = [
    "daily_merged", "mix_daily", "mix_by_season", "gas_storage_vs_temperature", "sources_vs_temperature",
    "sources_vs_gas_storage", "exchanges_vs_gas_storage", "completeness_daily",
  ]
  looker_studio_parameters = {
    for table in local.dashboard_tables : table => {
      "c.mode"                = "edit"
      "r.reportName"          = "Éco2mix: ${table}"
      "ds.ds0.connector"      = "bigQuery"
      "ds.ds0.type"           = "TABLE"
      "ds.ds0.datasourceName" = table
      "ds.ds0.projectId"      = var.project_id
      "ds.ds0.datasetId"      = local.marts_dataset
      "ds.ds0.tableId"        = table
    }
  }
  looker_studio_queries = {
    for table, parameters in local.looker_studio_parameters : table => join("&", [for key, value in parameters : "${key}=${urlencode(value)}"])
  }
  looker_studio_links = {
    for table, query in local.looker_studio_queries : table => "https://lookerstudio.google.com/reporting/create?${query}"
  }
}

output "looker_studio" {
  description = "Link that opens a new Looker Studio report on daily_merged. Readers need bigquery.dataViewer on the dataset and bigquery.jobUser."
  value       = local.looker_studio_links["daily_merged"]
}

output "looker_studio_links" {
  description = "Such a link for every mart made for dashboards."
  value       = local.looker_studio_links
}

output "monthly_cost_estimate_usd" {
  description = "Rough estimate of the cost per month, in US dollars, for every size, with its `assumptions`."
  value = {
    chosen      = var.environment_size
    total       = { for size, cost in local.monthly_cost : size => sum(values(cost)) }
    parts       = local.monthly_cost
    assumptions = local.cost_assumptions
  }
}

output "kept_by_destroy" {
  description = "What `terraform destroy` does not delete."
  value = concat(
    var.deletion_protection ? concat(
      ["gs://${local.lake_bucket}"],
      [for dataset in local.datasets : "${var.project_id}.${dataset.id}"],
    ) : [],
    ["enabled APIs", "log entries in Cloud Logging"],
  )
}
