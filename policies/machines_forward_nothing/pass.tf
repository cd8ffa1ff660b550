# Accepted: A machine forwards no packets and has no serial console
resource "google_compute_instance" "machine" {
  project      = "acme-prd-churn-k7q2"
  name         = "machine"
  zone         = "europe-west4-a"
  machine_type = "e2-small"
  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
    }
  }
  network_interface {
    subnetwork = "projects/acme-prd-network-k7q2/regions/europe-west4/subnetworks/acme-prd-europe-west4"
  }
}
