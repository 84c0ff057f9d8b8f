# The environment's own bucket, which holds code and logs. It is filled before the environment exists. The dbt project
# lies under dags/, because Composer copies that folder to every component that parses or runs a DAG.
resource "google_storage_bucket" "environment" {
  # checkov:skip=CKV_GCP_62: access logs of this form are superseded by Cloud Audit Logs, which are switched on per project
  project  = var.project_id
  name     = "${var.project_id}-${var.name}-composer"
  location = var.region
  labels   = local.labels

  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  # The bucket holds only copies and logs, so destroy may empty it.
  force_destroy = true

  versioning {
    enabled = true
  }

  soft_delete_policy {
    retention_duration_seconds = 7 * 86400
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = var.metadata_retention_days
      matches_prefix = ["logs/"]
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = 30
      with_state                 = "ARCHIVED"
    }
  }

  depends_on = [google_project_service.this]
}

locals {
  repository = "${path.module}/.."
  not_code   = "(^|/)(__pycache__|target|logs|dbt_packages)/|\\.pyc$|(^|/)\\.(user\\.yml|DS_Store)$"

  # Object in the bucket => file in the repository. When a file is deleted here, its object is deleted too.
  uploads = merge(
    { for path in fileset(local.repository, "dags/**") : path => path if !can(regex(local.not_code, path)) },
    { for path in fileset(local.repository, "plugins/**") : path => path if !can(regex(local.not_code, path)) },
    { for path in fileset(local.repository, "include/dbt/**") : "dags/${path}" => path if !can(regex(local.not_code, path)) },
  )

  dags_mount = "/home/airflow/gcs/dags"
}

resource "google_storage_bucket_object" "code" {
  for_each = local.uploads

  bucket = google_storage_bucket.environment.name
  name   = each.key
  source = "${local.repository}/${each.value}"
}
