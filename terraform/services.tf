# Enabling Composer's API does not enable the services on which Composer builds.
locals {
  services = toset(concat(
    [
      "artifactregistry.googleapis.com",
      "bigquery.googleapis.com",
      "cloudbuild.googleapis.com",
      "cloudresourcemanager.googleapis.com",
      "composer.googleapis.com",
      "container.googleapis.com",
      "iam.googleapis.com",
      "iamcredentials.googleapis.com",
      "logging.googleapis.com",
      "monitoring.googleapis.com",
      "pubsub.googleapis.com",
      "secretmanager.googleapis.com",
      "storage.googleapis.com",
      "sts.googleapis.com",
    ],
    var.private_environment ? ["compute.googleapis.com"] : [],
    var.data_lineage ? ["datalineage.googleapis.com"] : [],
    var.budget != null ? ["billingbudgets.googleapis.com"] : [],
  ))

  labels = merge({ pipeline = "eco2mix", environment = var.dbt_target, managed_by = "terraform" }, var.labels)
}

resource "google_project_service" "this" {
  for_each = local.services

  project = var.project_id
  service = each.value
  # Something else in the project may use these services too.
  disable_on_destroy = false
}
