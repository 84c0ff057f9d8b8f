# Facts that only Google or an apply can know. A check that fails is a warning, and stops nothing.
check "image_is_offered" {
  data "google_composer_image_versions" "offered" {
    project = var.project_id
    region  = var.region
  }

  assert {
    condition = anytrue([
      for image in data.google_composer_image_versions.offered.image_versions :
      image.image_version_id == var.image_version || startswith(image.image_version_id, "${var.image_version}-build.")
    ])
    error_message = "Composer does not offer ${var.image_version} in ${var.region}. Builds leave its list within weeks: leave -build.N out, or use an image that `gcloud composer environments list-upgrades` names."
  }
}

check "upgrade_is_complete" {
  assert {
    condition     = strcontains("${var.image_version}-", "-airflow-${local.airflow_version}-")
    error_message = "The image is older than the packages: do the second step of the upgrade (docs/deploy.md), which sets image_version and removes packages_first."
  }
}
