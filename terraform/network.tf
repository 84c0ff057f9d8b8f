# The network is made for private_environment only. The DAGs call a public API, so private addresses need a Cloud NAT.
resource "google_compute_network" "this" {
  # checkov:skip=CKV2_GCP_18: nothing listens in this network, and a network without rules refuses all incoming traffic
  count = var.private_environment ? 1 : 0

  project                 = var.project_id
  name                    = var.name
  auto_create_subnetworks = false

  depends_on = [google_project_service.this]
}

resource "google_compute_subnetwork" "this" {
  count = var.private_environment ? 1 : 0

  project                  = var.project_id
  name                     = var.name
  region                   = var.region
  network                  = google_compute_network.this[0].id
  ip_cidr_range            = var.network_range
  private_ip_google_access = true

  log_config {
    aggregation_interval = "INTERVAL_10_MIN"
    flow_sampling        = 0.1
    metadata             = "EXCLUDE_ALL_METADATA"
  }
}

resource "google_compute_router" "this" {
  count = var.private_environment ? 1 : 0

  project = var.project_id
  name    = var.name
  region  = var.region
  network = google_compute_network.this[0].id
}

resource "google_compute_router_nat" "this" {
  count = var.private_environment ? 1 : 0

  project                            = var.project_id
  name                               = var.name
  region                             = var.region
  router                             = google_compute_router.this[0].name
  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "ALL_SUBNETWORKS_ALL_IP_RANGES"
}
