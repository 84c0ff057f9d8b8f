# The account as which the DAGs run. It cannot be changed once the environment exists.
resource "google_service_account" "composer" {
  project      = var.project_id
  account_id   = "${var.name}-composer"
  display_name = "Composer environment ${var.name}"
  description  = "Runs the éCO2mix pipeline: its lake, its datasets, its secrets, and nothing else."

  depends_on = [google_project_service.this]
}

locals {
  member = google_service_account.composer.member

  # The datasets this environment writes to: the landing tables and the models of its own target.
  written_datasets = toset(["staging", var.dbt_target])
}

resource "google_project_iam_member" "composer" {
  # checkov:skip=CKV_GCP_49: composer.worker acts as service accounts of its project, and Composer cannot run without it; hence a project of its own
  for_each = toset(["roles/composer.worker", "roles/bigquery.jobUser"])

  project = var.project_id
  role    = each.value
  member  = local.member
}

resource "google_bigquery_dataset_iam_member" "composer" {
  for_each = local.written_datasets

  project    = var.project_id
  dataset_id = google_bigquery_dataset.this[each.value].dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = local.member
}

resource "google_storage_bucket_iam_member" "lake" {
  bucket = google_storage_bucket.lake.name
  role   = "roles/storage.objectUser"
  member = local.member
}

resource "google_secret_manager_secret_iam_member" "connections" {
  for_each = google_secret_manager_secret.connections

  project   = var.project_id
  secret_id = each.value.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = local.member
}

# A change of IAM takes effect some time after it was made, but Composer checks the roles of the account at once. The
# provider hashicorp/time could wait too, but it would have to be downloaded, pinned and checked.
resource "terraform_data" "iam_propagation" {
  triggers_replace = [local.member]

  provisioner "local-exec" {
    command = "sleep ${var.iam_wait_seconds}"
  }

  depends_on = [
    google_project_iam_member.composer,
    google_bigquery_dataset_iam_member.composer,
    google_storage_bucket_iam_member.lake,
    google_secret_manager_secret_iam_member.connections,
  ]
}
