resource "google_monitoring_notification_channel" "email" {
  for_each = var.alert_emails

  project      = var.project_id
  display_name = "${var.name}: ${each.value}"
  type         = "email"
  labels       = { email_address = each.value }
  user_labels  = local.labels

  depends_on = [google_project_service.this]
}

locals {
  channels = [for channel in google_monitoring_notification_channel.email : channel.id]

  # DAG id => cron expression, from the contracts. A DAG is named after its landing table.
  schedules = {
    for path in fileset(local.repository, "include/dbt/models/staging/*/_sources.yml") :
    basename(dirname(path)) => split(" ", yamldecode(file("${local.repository}/${path}")).sources[0].tables[0].config.meta.odre.schedule)
  }

  # Seconds in which a DAG must have succeeded once: three hours for a DAG that runs every hour, a day for any other that
  # runs every day. Cloud Monitoring looks back 25 hours at most, so DAGs that run less often have no such alert.
  freshness_seconds = {
    for dag, cron in local.schedules : dag => cron[1] == "*" ? 3 * 3600 : 24 * 3600
    if cron[2] == "*" && cron[3] == "*" && cron[4] == "*"
  }

  # The label holds the DAG id, with or without the environment's name before it.
  workflow = { for dag in keys(local.schedules) : dag => "resource.label.\"workflow_name\" = monitoring.regex.full_match(\"(.*\\\\.)?${dag}\")" }
}

resource "google_monitoring_alert_policy" "health" {
  project               = var.project_id
  display_name          = "${var.name}: environment unhealthy"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.channels
  user_labels           = local.labels

  conditions {
    display_name = "Composer's own health check fails, or sends nothing, for 15 minutes"
    condition_threshold {
      filter                  = "metric.type = \"composer.googleapis.com/environment/healthy\" AND resource.type = \"cloud_composer_environment\" AND resource.label.\"environment_name\" = \"${google_composer_environment.this.name}\""
      comparison              = "COMPARISON_LT"
      threshold_value         = 0.5
      duration                = "900s"
      evaluation_missing_data = "EVALUATION_MISSING_DATA_ACTIVE"

      aggregations {
        alignment_period   = "300s"
        per_series_aligner = "ALIGN_FRACTION_TRUE"
      }
    }
  }

  conditions {
    display_name = "A DAG file cannot be imported"
    condition_threshold {
      filter          = "metric.type = \"composer.googleapis.com/environment/dag_processing/parse_error_count\" AND resource.type = \"cloud_composer_environment\" AND resource.label.\"environment_name\" = \"${google_composer_environment.this.name}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "900s"

      aggregations {
        alignment_period   = "900s"
        per_series_aligner = "ALIGN_MAX"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "See the environment's monitoring page. The first page of the Airflow UI lists DAG files that cannot be imported. The runbook (docs/runbook.md) says what to do."
  }
}

resource "google_monitoring_alert_policy" "failed_runs" {
  project               = var.project_id
  display_name          = "${var.name}: DAG run failed"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = local.channels
  user_labels           = local.labels

  dynamic "conditions" {
    for_each = local.workflow
    content {
      display_name = "${conditions.key} failed"
      condition_threshold {
        filter          = "metric.type = \"composer.googleapis.com/workflow/run_count\" AND resource.type = \"cloud_composer_workflow\" AND metric.label.\"state\" = \"failed\" AND ${conditions.value}"
        comparison      = "COMPARISON_GT"
        threshold_value = 0
        duration        = "0s"

        aggregations {
          alignment_period     = "300s"
          per_series_aligner   = "ALIGN_DELTA"
          cross_series_reducer = "REDUCE_SUM"
        }
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }

  documentation {
    mime_type = "text/markdown"
    content   = "All retries of a task are used up. The last line of its log names the dataset, the cause and the next step. Look that line up in the runbook (docs/runbook.md), which says what to clear."
  }
}

resource "google_monitoring_alert_policy" "stale_data" {
  project               = var.project_id
  display_name          = "${var.name}: data are stale"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = local.channels
  user_labels           = local.labels

  dynamic "conditions" {
    for_each = local.freshness_seconds
    content {
      display_name = "${conditions.key}: no successful run in ${conditions.value / 3600} hours"
      condition_threshold {
        filter                  = "metric.type = \"composer.googleapis.com/workflow/run_count\" AND resource.type = \"cloud_composer_workflow\" AND metric.label.\"state\" = \"success\" AND ${local.workflow[conditions.key]}"
        comparison              = "COMPARISON_LT"
        threshold_value         = 1
        duration                = "3600s"
        evaluation_missing_data = "EVALUATION_MISSING_DATA_ACTIVE"

        aggregations {
          alignment_period     = "${conditions.value}s"
          per_series_aligner   = "ALIGN_DELTA"
          cross_series_reducer = "REDUCE_SUM"
        }
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "No run of the DAG has succeeded in time: its runs fail, or `operate.py check` names a paused DAG or a missing pool. If its runs succeed but the data are old, the source is late: see completeness_daily."
  }
}

# Budgets are filtered by project number.
data "google_project" "this" {
  count = var.budget == null ? 0 : 1

  project_id = var.project_id
}

resource "google_billing_budget" "this" {
  count    = var.budget == null ? 0 : 1
  provider = google.billing

  billing_account = var.budget.billing_account
  display_name    = "${var.name} (${var.project_id})"

  budget_filter {
    projects = ["projects/${data.google_project.this[0].number}"]
  }

  amount {
    specified_amount {
      currency_code = lookup(var.budget, "currency", "EUR")
      units         = var.budget.amount
    }
  }

  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1.0]
    content {
      threshold_percent = threshold_rules.value
    }
  }

  threshold_rules {
    threshold_percent = 1.0
    spend_basis       = "FORECASTED_SPEND"
  }

  dynamic "all_updates_rule" {
    for_each = length(local.channels) > 0 ? [local.channels] : []
    content {
      # Cloud Billing takes five channels at most.
      monitoring_notification_channels = slice(all_updates_rule.value, 0, min(5, length(all_updates_rule.value)))
    }
  }

  depends_on = [google_project_service.this]
}
