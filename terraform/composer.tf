locals {
  # Variables that only this module sets. One whose value is null is left out.
  own_env_variables = {
    for name, value in merge(local.connection_variables, {
      ECO2MIX_PROJECT_ID            = var.project_id
      ECO2MIX_LOCATION              = var.location
      ECO2MIX_LAKE_BUCKET           = local.lake_bucket
      ECO2MIX_STAGING_DATASET       = local.dataset_ids.staging
      ECO2MIX_DEVELOPMENT_DATASET   = local.dataset_ids.development
      ECO2MIX_PRODUCTION_DATASET    = local.dataset_ids.production
      ECO2MIX_WAREHOUSE_POOL        = var.warehouse_pool
      ECO2MIX_MAXIMUM_BYTES_BILLED  = format("%d", var.maximum_bytes_billed)
      ECO2MIX_ALERT_EMAILS          = length(var.run_alert_emails) > 0 ? join(",", var.run_alert_emails) : null
      ECO2MIX_ALERT_WEBHOOK_CONN_ID = var.run_alert_webhook ? "eco2mix_alerts" : null
      ECO2MIX_RUN_DEADLINE_MINUTES  = tostring(var.run_deadline_minutes)
      ECO2MIX_APPROVAL_ABOVE_DAYS   = var.approval_above_days == null ? null : tostring(var.approval_above_days)

      # dbt writes to /tmp, because it cannot write to the mounted bucket.
      DBT_TARGET                     = var.dbt_target
      DBT_PROJECT_DIR                = "${local.dags_mount}/include/dbt"
      DBT_PROFILES_DIR               = "${local.dags_mount}/include/dbt"
      DBT_TARGET_PATH                = "/tmp/dbt/target"
      DBT_LOG_PATH                   = "/tmp/dbt/logs"
      DBT_SEND_ANONYMOUS_USAGE_STATS = "false"
      DO_NOT_TRACK                   = "1"
    }) : name => value if value != null
  }
  env_variables = merge(local.own_env_variables, var.env_variables)

  # Settings on which the pipeline depends, or that have a variable of this module.
  airflow_fixed = merge(local.secrets_backend, {
    core-dags_are_paused_at_creation = var.dags_start_paused ? "True" : "False"
    scheduler-catchup_by_default     = "False"
    cosmos-enable_telemetry          = "False"
    cosmos-dbt_docs_projects         = jsonencode({ eco2mix = { name = "dbt docs", dir = "gs://${local.lake_bucket}/dbt_docs", conn_id = "google_cloud_default" } })
  })

  # Settings for tuning, which airflow_config may change.
  airflow_defaults = {
    # One task per gigabyte, because a task that runs dbt takes most of a gigabyte.
    celery-worker_concurrency               = tostring(floor(local.workloads[var.environment_size].worker.memory_gb))
    core-max_active_runs_per_dag            = "1"
    core-max_active_tasks_per_dag           = "8"
    dag_processor-min_file_process_interval = "300"
    # Composer refuses a second value that is below the first. The laptop and the containers set the same values.
    dag_processor-dag_file_processor_timeout = "180"
    core-dagbag_import_timeout               = "180"
    # The UI shows the SQL of all marts of a subject, which Airflow would cut after 4,096 characters.
    core-max_templated_field_length = "200000"
  }

  airflow_config = merge(local.airflow_defaults, var.airflow_config, local.airflow_fixed)

  # Composer requires 1 to 8 GB per vCPU, and at least 2 GB for the triggerer of Airflow 3.
  workloads = {
    small = {
      scheduler     = { count = 1, cpu = 1, memory_gb = 2, storage_gb = 1 }
      dag_processor = { count = 1, cpu = 1, memory_gb = 4, storage_gb = 1 }
      triggerer     = { count = 1, cpu = 0.5, memory_gb = 2 }
      web_server    = { cpu = 1, memory_gb = 4, storage_gb = 1 }
      worker        = { min_count = 1, max_count = 3, cpu = 1, memory_gb = 6, storage_gb = 5 }
    }
    medium = {
      scheduler     = { count = 1, cpu = 2, memory_gb = 8, storage_gb = 1 }
      dag_processor = { count = 1, cpu = 2, memory_gb = 8, storage_gb = 1 }
      triggerer     = { count = 1, cpu = 0.5, memory_gb = 2 }
      web_server    = { cpu = 2, memory_gb = 8, storage_gb = 1 }
      worker        = { min_count = 2, max_count = 4, cpu = 2, memory_gb = 8, storage_gb = 5 }
    }
    large = {
      scheduler     = { count = 2, cpu = 2, memory_gb = 8, storage_gb = 1 }
      dag_processor = { count = 2, cpu = 2, memory_gb = 8, storage_gb = 1 }
      triggerer     = { count = 2, cpu = 1, memory_gb = 4 }
      web_server    = { cpu = 2, memory_gb = 8, storage_gb = 1 }
      worker        = { min_count = 3, max_count = 8, cpu = 4, memory_gb = 16, storage_gb = 10 }
    }
  }
}

resource "google_composer_environment" "this" {
  project = var.project_id
  name    = var.name
  region  = var.region
  labels  = local.labels

  storage_config {
    bucket = google_storage_bucket.environment.name
  }

  config {
    environment_size           = "ENVIRONMENT_SIZE_${upper(var.environment_size)}"
    enable_private_environment = var.private_environment

    node_config {
      service_account = google_service_account.composer.email
      network         = one(google_compute_network.this[*].id)
      subnetwork      = one(google_compute_subnetwork.this[*].id)
    }

    software_config {
      image_version            = var.image_version
      pypi_packages            = local.pypi_packages
      env_variables            = local.env_variables
      airflow_config_overrides = local.airflow_config
      web_server_plugins_mode  = "ENABLED"

      cloud_data_lineage_integration {
        enabled = var.data_lineage
      }
    }

    workloads_config {
      dynamic "scheduler" {
        for_each = [local.workloads[var.environment_size].scheduler]
        content {
          count      = scheduler.value.count
          cpu        = scheduler.value.cpu
          memory_gb  = scheduler.value.memory_gb
          storage_gb = scheduler.value.storage_gb
        }
      }

      dynamic "dag_processor" {
        for_each = [local.workloads[var.environment_size].dag_processor]
        content {
          count      = dag_processor.value.count
          cpu        = dag_processor.value.cpu
          memory_gb  = dag_processor.value.memory_gb
          storage_gb = dag_processor.value.storage_gb
        }
      }

      dynamic "triggerer" {
        for_each = [local.workloads[var.environment_size].triggerer]
        content {
          count     = triggerer.value.count
          cpu       = triggerer.value.cpu
          memory_gb = triggerer.value.memory_gb
        }
      }

      dynamic "web_server" {
        for_each = [local.workloads[var.environment_size].web_server]
        content {
          cpu        = web_server.value.cpu
          memory_gb  = web_server.value.memory_gb
          storage_gb = web_server.value.storage_gb
        }
      }

      dynamic "worker" {
        for_each = [local.workloads[var.environment_size].worker]
        content {
          min_count  = worker.value.min_count
          max_count  = worker.value.max_count
          cpu        = worker.value.cpu
          memory_gb  = worker.value.memory_gb
          storage_gb = worker.value.storage_gb
        }
      }
    }

    data_retention_config {
      airflow_metadata_retention_config {
        retention_mode = "RETENTION_MODE_ENABLED"
        retention_days = var.metadata_retention_days
      }

      task_logs_retention_config {
        storage_mode = "CLOUD_LOGGING_AND_CLOUD_STORAGE"
      }
    }

    # In UTC, at hours without daily or monthly runs.
    maintenance_window {
      start_time = "2026-01-01T00:00:00Z"
      end_time   = "2026-01-01T04:00:00Z"
      recurrence = "FREQ=WEEKLY;BYDAY=SA,SU,WE"
    }

    dynamic "web_server_network_access_control" {
      for_each = length(var.airflow_ui_networks) > 0 ? [var.airflow_ui_networks] : []
      content {
        dynamic "allowed_ip_range" {
          for_each = web_server_network_access_control.value
          content {
            description = allowed_ip_range.key
            value       = allowed_ip_range.value
          }
        }
      }
    }
  }

  timeouts {
    create = "90m"
    update = "90m"
  }

  lifecycle {
    precondition {
      condition = alltrue([
        for name in concat(["manifest"], [for dag in fileset("${path.module}/../dags", "*.py") : "manifests/${trimsuffix(dag, ".py")}"]) :
        contains(values(local.uploads), "include/dbt/${name}.json")
      ])
      error_message = "include/dbt/manifest.json or a DAG's file in include/dbt/manifests/ is missing: run `make manifest` first, because DAGs are rendered from these files."
    }
    precondition {
      condition     = length(local.options_out_of_bounds) == 0
      error_message = "Composer refuses ${join(", ", local.options_out_of_bounds)}: change airflow_config."
    }
  }

  depends_on = [
    google_project_service.this,
    terraform_data.iam_propagation,
    google_storage_bucket_object.code,
    google_compute_router_nat.this,
  ]
}
