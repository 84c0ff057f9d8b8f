terraform {
  required_version = ">= 1.9, < 2.0"

  required_providers {
    google = {
      source = "hashicorp/google"
      # The one whose schema this module was checked against. Exact, because there is no lock file yet; Renovate raises it.
      version = "8.7.0"
    }
  }
}

provider "google" {
  project = var.project_id
  region  = var.region
}

# The budget API needs the project to whose quota its calls count.
provider "google" {
  alias                 = "billing"
  project               = var.project_id
  billing_project       = var.project_id
  user_project_override = true
}
