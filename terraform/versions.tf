terraform {
  required_version = ">= 1.9, < 2.0"

  required_providers {
    google = {
      source = "hashicorp/google"
      # The version against whose schema this module was checked. Exact, because there is no lock file yet; Renovate raises it.
      version = "8.7.0"
    }
  }
}

provider "google" {
  project = var.project_id
  region  = var.region
}

# The budget API must be told which project's quota its calls use.
provider "google" {
  alias                 = "billing"
  project               = var.project_id
  billing_project       = var.project_id
  user_project_override = true
}
