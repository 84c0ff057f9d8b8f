locals {
  lake_bucket = coalesce(var.lake_bucket, "${var.project_id}-${var.name}-lake")
}

resource "google_storage_bucket" "lake" {
  # checkov:skip=CKV_GCP_62: access logs of this form are superseded by Cloud Audit Logs, which are switched on per project
  project  = var.project_id
  name     = local.lake_bucket
  location = var.location
  labels   = local.labels

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  deletion_policy = var.deletion_protection ? "PREVENT" : "DELETE"
  force_destroy   = !var.deletion_protection

  versioning {
    enabled = true
  }

  soft_delete_policy {
    retention_duration_seconds = var.soft_delete_days * 86400
  }

  # Raw objects are immutable and rarely read again.
  lifecycle_rule {
    action {
      type          = "SetStorageClass"
      storage_class = "NEARLINE"
    }
    condition {
      age            = var.lake_nearline_after_days
      matches_prefix = ["raw/"]
      with_state     = "LIVE"
    }
  }

  # Dashboard and dbt docs are written again by every run.
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      num_newer_versions = 5
      matches_prefix     = ["dashboard/", "dbt_docs/"]
      with_state         = "ARCHIVED"
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = 90
      with_state                 = "ARCHIVED"
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 7
    }
  }

  depends_on = [google_project_service.this]
}
