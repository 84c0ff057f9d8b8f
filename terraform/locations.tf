# Regions of Google Cloud, so that a plan can refuse a wrong one. Only an apply shows whether Composer is offered in a
# region. Source: the locations that Google's documentation lists, November 2026.
locals {
  regions = [
    "africa-south1",
    "asia-east1", "asia-east2", "asia-northeast1", "asia-northeast2", "asia-northeast3", "asia-south1", "asia-south2",
    "asia-southeast1", "asia-southeast2",
    "australia-southeast1", "australia-southeast2",
    "europe-central2", "europe-north1", "europe-north2", "europe-southwest1", "europe-west1", "europe-west2",
    "europe-west3", "europe-west4", "europe-west6", "europe-west8", "europe-west9", "europe-west10", "europe-west12",
    "me-central1", "me-central2", "me-west1",
    "northamerica-northeast1", "northamerica-northeast2", "northamerica-south1",
    "southamerica-east1", "southamerica-west1",
    "us-central1", "us-east1", "us-east4", "us-east5", "us-south1", "us-west1", "us-west2", "us-west3", "us-west4",
  ]

  # Location of data => its continent. The continent is the first part of a region's name, except that `us` regions are in
  # North America. BigQuery requires that the lake and the datasets have the same location, which they have. It requires
  # nothing of the region of the environment (https://docs.cloud.google.com/bigquery/docs/locations).
  continents = merge(
    { for region in local.regions : region => replace(split("-", region)[0], "/^us$/", "northamerica") },
    { EU = "europe", US = "northamerica" },
  )

  # Cloud Storage refuses bucket names that contain google or a spelling close to it, or begin with goog.
  close_to_google         = "g[o0][o0]g[l1]e"
  refused_in_bucket_names = "^goog|${local.close_to_google}"
}
