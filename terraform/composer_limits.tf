# Values that Composer refuses, so that a plan refuses them earlier. Sources, in Google's documentation of Composer 3: "Set
# environment variables" (reserved variables) and "Airflow configurations" (limited and blocked options). For blocked
# options, only the beginning of the list for Airflow 3.1.7 and the list for 2.7.3 could be read. Of the latter, the names
# that Airflow 3 still has are kept here. Composer may block further options.
locals {
  reserved_env_variables = [
    "AIRFLOW_DATABASE_VERSION", "AIRFLOW_HOME", "AIRFLOW_SRC_DIR", "AIRFLOW_WEBSERVER", "AUTO_GKE",
    "CLOUDSDK_METRICS_ENVIRONMENT", "CLOUD_LOGGING_ONLY", "COMPOSER_AGENT_BUILD_SERVICE_ACCOUNT",
    "COMPOSER_ENVIRONMENT", "COMPOSER_GKE_LOCATION", "COMPOSER_GKE_NAME", "COMPOSER_GKE_ZONE", "COMPOSER_LOCATION",
    "COMPOSER_OPERATION_UUID", "COMPOSER_PYTHON_VERSION", "COMPOSER_VERSION", "CONTAINER_NAME", "C_FORCE_ROOT",
    "DAGS_FOLDER", "GCE_METADATA_TIMEOUT", "GCP_PROJECT", "GCP_TENANT_PROJECT", "GCSFUSE_EXTRACTED", "GCS_BUCKET",
    "GKE_CLUSTER_NAME", "GKE_IN_TENANT", "GOOGLE_APPLICATION_CREDENTIALS", "MAJOR_VERSION", "MINOR_VERSION", "PATH",
    "PIP_DISABLE_PIP_VERSION_CHECK", "PORT", "PROJECT_ID", "PYTHONPYCACHEPREFIX", "PYTHONWARNINGS", "REDIS_PASSWORD",
    "REDIS_PORT", "REDIS_USER", "SQL_DATABASE", "SQL_HOST", "SQL_INSTANCE", "SQL_PASSWORD", "SQL_PROJECT",
    "SQL_REGION", "SQL_USER",
  ]

  # The settings of the pinned Airflow and Cosmos, written by `make lock`. The image's providers add further sections.
  airflow_options = jsondecode(file("${path.module}/airflow_options.json"))

  blocked_options = join("|", [
    "^cli-",
    "^api_auth-(jwt_|trusted_jwks_url)",
    "^dag_processor-dag_bundle_(storage_path|config_list)$",
    "^execution_api-jwt_",
    "^core-(dags_folder|plugins_folder|fernet_key|load_examples|security)$",
    "^database-(sql_alchemy_conn|sql_alchemy_pool_recycle|sql_alchemy_pool_size|alembic_ini_file_path)$",
    "^logging-(base_log_folder|encrypt_s3_logs|logging_config_class|remote_.*|task_log_reader|log_format)$",
    "^celery-(celery_app_name|broker_url|result_backend|pool|worker_log_server_port)$",
    "^operators-default_queue$",
    "^smtp-smtp_password$",
    "^kubernetes_executor-(pod_template_file|namespace)$",
  ])

  # Option => least and greatest value. Google's table has the first two under [core]; Airflow 3 has them in this section.
  option_bounds = {
    "dag_processor-min_file_process_interval"               = { least = 30, greatest = null }
    "dag_processor-dag_file_processor_timeout"              = { least = null, greatest = 600 }
    "core-dagbag_import_timeout"                            = { least = tonumber(local.airflow_config["dag_processor-dag_file_processor_timeout"]), greatest = 600 }
    "celery-worker_concurrency"                             = { least = 1, greatest = 24 }
    "kubernetes_executor-worker_pods_queued_check_interval" = { least = 30, greatest = 60 }
    "scheduler-scheduler_heartbeat_sec"                     = { least = 15, greatest = null }
    "scheduler-scheduler_health_check_threshold"            = { least = 2 * tonumber(lookup(local.airflow_config, "scheduler-scheduler_heartbeat_sec", 15)), greatest = null }
    "triggerer-job_heartbeat_sec"                           = { least = 30, greatest = null }
    "triggerer-triggerer_health_check_threshold"            = { least = 2 * tonumber(lookup(local.airflow_config, "triggerer-job_heartbeat_sec", 15)), greatest = null }
  }
  options_out_of_bounds = [
    for option, bound in local.option_bounds : "${option} = ${local.airflow_config[option]} (${coalesce(bound.least, 0)} to ${coalesce(tostring(bound.greatest), "any")})"
    if contains(keys(local.airflow_config), option) && !try(
      tonumber(local.airflow_config[option]) >= coalesce(bound.least, 0)
      && (bound.greatest == null ? true : tonumber(local.airflow_config[option]) <= bound.greatest),
      false,
    )
  ]
}
