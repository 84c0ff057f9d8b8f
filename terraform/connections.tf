# Connections hold no secret, so they are plain environment variables. Airflow asks Secret Manager first. When a connection
# needs a secret, such as an API key, add a version to its empty secret outside Terraform:
#   gcloud secrets versions add airflow-connections-odre_api --data-file=-
locals {
  connections_prefix = "airflow-connections"

  connections = {
    odre_api             = { conn_type = "http", host = var.odre_api_url }
    google_cloud_default = { conn_type = "google_cloud_platform", extra = { project = var.project_id } }
  }

  # Ids of all connections that have a secret in Secret Manager. Values are put into it by hand.
  secret_connections = concat(
    keys(local.connections),
    var.run_alert_webhook ? ["eco2mix_alerts"] : [],
    length(var.run_alert_emails) > 0 ? ["smtp_default"] : [],
  )

  connection_variables = { for id, connection in local.connections : "AIRFLOW_CONN_${upper(id)}" => jsonencode(connection) }

  secrets_backend = {
    secrets-backend = "airflow.providers.google.cloud.secrets.secret_manager.CloudSecretManagerBackend"
    # The pipeline reads no Airflow variable, so none is looked up in Secret Manager.
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
  # The subjects of the marts: the tags that dbt_project.yml gives to their folders.
  folders_of_marts = yamldecode(file("${local.repository}/include/dbt/dbt_project.yml")).models.eco2mix.marts
  subjects         = distinct(flatten([for name, folder in local.folders_of_marts : folder["+tags"] if !startswith(name, "+")]))

  # One pool for the tasks before the marts, and one for the marts of each subject, with the names of
  # plugins/odre/settings.py. Airflow's own default_pool exists already and serves all of them.
  warehouse_pools = var.warehouse_pool == "default_pool" ? [] : concat(
    [var.warehouse_pool], [for subject in local.subjects : "${var.warehouse_pool}_${subject}"]
  )
}

# The provider has no resource for pools, and `gcloud composer environments run` refuses Airflow 3.3, so operate.py makes
# them through Airflow's REST API. A task waits until its pool exists. The plugin that makes missing pools on a laptop runs
# in the scheduler, and Composer 3 gives the scheduler no plugins
# (https://docs.cloud.google.com/composer/docs/composer-3/install-plugins).
resource "terraform_data" "warehouse_pools" {
  count = length(local.warehouse_pools) == 0 ? 0 : 1

  input            = local.warehouse_pools
  triggers_replace = [google_composer_environment.this.id, local.warehouse_pools]

  provisioner "local-exec" {
    # Names of pools have no spaces: the validation of warehouse_pool refuses them, and dbt's tags have none.
    command = "python3 \"$MODULE/operate.py\" pool $POOLS"

    environment = {
      AIRFLOW_URL = google_composer_environment.this.config[0].airflow_uri
      MODULE      = path.module
      POOLS       = join(" ", self.input)
    }
  }
}
