# Deployment from GitHub Actions without keys: off until github_repository is set. docs/ci.md says how to switch it on.
# GitHub signs a token for each job; this pool accepts those of one repository and lets them act as one of two accounts:
# `plan` for every job of the repository, which only reads, and `apply` for jobs of one protected GitHub environment.
locals {
  github_accounts = var.github_repository == null ? {} : {
    plan = {
      who = "attribute.repository/${var.github_repository}"
      # The third for the pool, which every plan reads: the provider's page says that not even owners may without a role of its own.
      roles = ["roles/viewer", "roles/iam.securityReviewer", "roles/iam.workloadIdentityPoolViewer"]
      state = "roles/storage.objectViewer"
    }
    apply = {
      who = "attribute.environment/${var.dbt_target}"
      # What docs/deploy.md asks of whoever runs Terraform by hand, and the Airflow API for operate.py.
      roles = [
        "roles/editor", "roles/resourcemanager.projectIamAdmin", "roles/iam.serviceAccountUser",
        "roles/bigquery.admin", "roles/secretmanager.admin", "roles/storage.admin", "roles/composer.user",
        # for the bindings of these two accounts and for the pool, which every plan reads
        "roles/iam.serviceAccountAdmin", "roles/iam.workloadIdentityPoolAdmin",
      ]
      state = "roles/storage.objectAdmin"
    }
  }
  github_roles = merge([
    for account, given in local.github_accounts : { for role in given.roles : "${account} ${role}" => { account = account, role = role } }
  ]...)
}

resource "google_iam_workload_identity_pool" "github" {
  count = var.github_repository == null ? 0 : 1

  project                   = var.project_id
  workload_identity_pool_id = "${var.name}-github"
  display_name              = "GitHub Actions"
  description               = "Jobs of ${var.github_repository}"

  depends_on = [google_project_service.this]
}

resource "google_iam_workload_identity_pool_provider" "github" {
  # checkov:skip=CKV_GCP_125: the condition names one repository; the policy wants it written as a literal
  count = var.github_repository == null ? 0 : 1

  project                            = var.project_id
  workload_identity_pool_id          = google_iam_workload_identity_pool.github[0].workload_identity_pool_id
  workload_identity_pool_provider_id = "actions"
  display_name                       = "GitHub Actions"

  # A job without a GitHub environment has no such claim, so it can never act as the account that applies.
  attribute_mapping = {
    "google.subject"        = "assertion.sub"
    "attribute.repository"  = "assertion.repository"
    "attribute.environment" = "has(assertion.environment) ? assertion.environment : 'none'"
  }
  attribute_condition = "assertion.repository == \"${var.github_repository}\""

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account" "github" {
  for_each = local.github_accounts

  project      = var.project_id
  account_id   = "${var.name}-${each.key}"
  display_name = "GitHub Actions: terraform ${each.key}"

  depends_on = [google_project_service.this]
}

resource "google_service_account_iam_member" "github" {
  for_each = local.github_accounts

  service_account_id = google_service_account.github[each.key].name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.github[0].name}/${each.value.who}"
}

resource "google_project_iam_member" "github" {
  # checkov:skip=CKV_GCP_41: the account that applies makes the environment, which acts as a service account
  # checkov:skip=CKV_GCP_42: whoever makes bindings has to be allowed to; only jobs of the protected environment are
  # checkov:skip=CKV_GCP_49: as above
  # checkov:skip=CKV_GCP_117: editor is what making all kinds of resources here takes, in a project of its own
  for_each = local.github_roles

  project = var.project_id
  role    = each.value.role
  member  = google_service_account.github[each.value.account].member
}

resource "google_storage_bucket_iam_member" "state" {
  for_each = var.state_bucket == null ? {} : local.github_accounts

  bucket = var.state_bucket
  role   = each.value.state
  member = google_service_account.github[each.key].member
}

output "github_variables" {
  description = "Variables to set in the GitHub repository's environment named after dbt_target (docs/ci.md)."
  value = var.github_repository == null ? null : {
    GCP_WORKLOAD_IDENTITY_PROVIDER = google_iam_workload_identity_pool_provider.github[0].name
    GCP_PLAN_ACCOUNT               = google_service_account.github["plan"].email
    GCP_APPLY_ACCOUNT              = google_service_account.github["apply"].email
    GCP_STATE_BUCKET               = var.state_bucket
  }
}
