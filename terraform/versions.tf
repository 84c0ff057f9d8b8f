terraform {
  required_version = ">= 1.9, < 2.0"

  required_providers {
    google = {
      source = "hashicorp/google"
      # 7.41 is the first version whose resources all know deletion_policy.
      version = ">= 7.41, < 9.0"
    }
  }
}

provider "google" {
  project = var.project_id
  region  = var.region
}

# The budget API wants to be told which project to charge its quota to.
provider "google" {
  alias                 = "billing"
  project               = var.project_id
  billing_project       = var.project_id
  user_project_override = true
}
