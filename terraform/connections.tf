# Connections hold no secret: they are plain environment variables. Airflow asks Secret Manager first, so a
# connection that does need one (an API key, say) gets it by adding a version to its empty secret, outside
# Terraform:  gcloud secrets versions add airflow-connections-odre_api --data-file=-
locals {
  connections_prefix = "airflow-connections"

  connections = {
    odre_api             = { conn_type = "http", host = var.odre_api_url }
    google_cloud_default = { conn_type = "google_cloud_platform", extra = { project = var.project_id } }
  }

  # Connections that are secrets as a whole: their address or password is put there by hand.
  secret_connections = concat(
    keys(local.connections),
    var.run_alert_webhook ? ["eco2mix_alerts"] : [],
    length(var.run_alert_emails) > 0 ? ["smtp_default"] : [],
  )

  connection_variables = { for id, connection in local.connections : "AIRFLOW_CONN_${upper(id)}" => jsonencode(connection) }

  secrets_backend = {
    secrets-backend = "airflow.providers.google.cloud.secrets.secret_manager.CloudSecretManagerBackend"
    # The pipeline reads no Airflow variable: none is looked up.
    secrets-backend_kwargs = jsonencode({
      project_id         = var.project_id
      connections_prefix = local.connections_prefix
      variables_prefix   = null
      config_prefix      = null
      sep                = "-"
    })
  }
}

resource "google_secret_manager_secret" "connections" {
  for_each = toset(local.secret_connections)

  project             = var.project_id
  secret_id           = "${local.connections_prefix}-${each.key}"
  labels              = local.labels
  deletion_protection = false

  replication {
    auto {}
  }

  depends_on = [google_project_service.this]
}

# Neither Composer nor the provider has a resource for pools, and `gcloud composer environments run` refuses Airflow 3.3:
# operate.py makes it through Airflow's REST API. Until it exists, tasks that write to the warehouse wait.
resource "terraform_data" "warehouse_pool" {
  count = var.warehouse_pool == "default_pool" ? 0 : 1

  triggers_replace = [google_composer_environment.this.id, var.warehouse_pool]

  provisioner "local-exec" {
    command = "python3 \"$MODULE/operate.py\" pool \"$POOL\""

    environment = {
      AIRFLOW_URL = google_composer_environment.this.config[0].airflow_uri
      MODULE      = path.module
      POOL        = var.warehouse_pool
    }
  }
}
