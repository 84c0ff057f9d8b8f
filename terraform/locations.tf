# Regions of Google Cloud, for messages before anything is made; whether Composer is offered in one, only an apply
# can know. Source: the locations that Google's documentation lists, November 2026.
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

  # Where data can lie, and the continent of it: the first part of a region's name, but that Google's names tell the
  # regions of the United States from the others of North America. BigQuery asks that the lake and the datasets have one
  # location, which they have, and nothing of the region of the environment
  # (https://docs.cloud.google.com/bigquery/docs/locations).
  continents = merge(
    { for region in local.regions : region => replace(split("-", region)[0], "/^us$/", "northamerica") },
    { EU = "europe", US = "northamerica" },
  )

  # Cloud Storage refuses bucket names that contain google or a spelling close to it, or begin with goog.
  close_to_google         = "g[o0][o0]g[l1]e"
  refused_in_bucket_names = "^goog|${local.close_to_google}"
}
