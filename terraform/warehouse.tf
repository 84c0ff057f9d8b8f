locals {
  usual_dataset_ids = {
    staging     = "de_project_staging"
    development = "de_project_development"
    production  = "de_project_production"
  }
  dataset_ids = merge(local.usual_dataset_ids, var.datasets)
  datasets = {
    staging     = { id = local.dataset_ids.staging, description = "Landing tables: the ODRÉ datasets as published." }
    development = { id = local.dataset_ids.development, description = "Models of the dbt target development." }
    production  = { id = local.dataset_ids.production, description = "Models of the dbt target production, for dashboards." }
  }
}

resource "google_bigquery_dataset" "this" {
  # checkov:skip=CKV_GCP_81: the data are public, so customer-managed keys would add no protection
  for_each = local.datasets

  project     = var.project_id
  dataset_id  = each.value.id
  location    = var.location
  description = each.value.description
  labels      = merge(local.labels, { layer = each.key })

  max_time_travel_hours = "168"

  deletion_policy            = var.deletion_protection ? "PREVENT" : "DELETE"
  delete_contents_on_destroy = !var.deletion_protection

  depends_on = [google_project_service.this]
}
