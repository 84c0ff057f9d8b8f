# Deployment from GitHub Actions without keys. It is off until github_repository is set; docs/ci.md explains how.
# GitHub signs a token for each job. This pool accepts the tokens of one repository and lets them act as one of two accounts:
# `plan` for every job of the repository, which only reads, and `apply` for jobs of one protected GitHub environment.
locals {
  github_accounts = var.github_repository == null ? {} : {
    plan = {
      who = "attribute.repository/${var.github_repository}"
      # The third role is for the pool, which every plan reads. According to the provider's page, not even owners may read it without.
      roles = ["roles/viewer", "roles/iam.securityReviewer", "roles/iam.workloadIdentityPoolViewer"]
      state = "roles/storage.objectViewer"
    }
    apply = {
      who = "attribute.environment/${var.dbt_target}"
      # The roles that docs/deploy.md demands of a person who runs Terraform, including the one for Airflow's API (operate.py).
      roles = [
        "roles/editor", "roles/resourcemanager.projectIamAdmin", "roles/iam.serviceAccountUser",
        "roles/bigquery.admin", "roles/secretmanager.admin", "roles/storage.admin", "roles/composer.user",
        # For the bindings of these two accounts, and for the pool, which every plan reads.
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

  # A job without a GitHub environment has no claim `environment`, so it can never act as the account that applies.
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
  # checkov:skip=CKV_GCP_42: making bindings takes this role, and only jobs of the protected environment have it
  # checkov:skip=CKV_GCP_49: as above
  # checkov:skip=CKV_GCP_117: making all these kinds of resources takes the role editor; the project has nothing else in it
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
