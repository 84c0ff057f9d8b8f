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

locals {
  # The subjects of the marts: the tag that dbt_project.yml gives each of their folders.
  folders_of_marts = yamldecode(file("${local.repository}/include/dbt/dbt_project.yml")).models.eco2mix.marts
  subjects         = distinct(flatten([for name, folder in local.folders_of_marts : folder["+tags"] if !startswith(name, "+")]))

  # One pool for what comes before the marts, and one for the marts of each subject, as plugins/odre/settings.py names
  # them. Airflow's own default_pool is there already and serves all of them.
  warehouse_pools = var.warehouse_pool == "default_pool" ? [] : concat(
    [var.warehouse_pool], [for subject in local.subjects : "${var.warehouse_pool}_${subject}"]
  )
}

# Neither Composer nor the provider has a resource for pools, and `gcloud composer environments run` refuses Airflow 3.3:
# operate.py makes them through Airflow's REST API. A task waits until its pool exists. The plugin that makes missing pools
# on a laptop runs in the scheduler, and Composer 3 gives the scheduler no plugins
# (https://docs.cloud.google.com/composer/docs/composer-3/install-plugins).
resource "terraform_data" "warehouse_pools" {
  count = length(local.warehouse_pools) == 0 ? 0 : 1

  input            = local.warehouse_pools
  triggers_replace = [google_composer_environment.this.id, local.warehouse_pools]

  provisioner "local-exec" {
    # Names of pools have no spaces: the validation of warehouse_pool, and dbt's tags.
    command = "python3 \"$MODULE/operate.py\" pool $POOLS"

    environment = {
      AIRFLOW_URL = google_composer_environment.this.config[0].airflow_uri
      MODULE      = path.module
      POOLS       = join(" ", self.input)
    }
  }
}
