# Accepted: A notebook is in the shared network of the interactive environment
resource "google_workbench_instance" "notebook" {
  project         = "acme-int-churn-k7q2"
  name            = "notebook"
  location        = "europe-west4-a"
  instance_owners = ["jane@example.com"]
  labels          = { environment = "interactive" }
  gce_setup {
    machine_type         = "e2-standard-4"
    disable_public_ip    = true
    enable_ip_forwarding = false
    service_accounts {
      email = "notebook@acme-int-churn-k7q2.iam.gserviceaccount.com"
    }
    vm_image {
      project = "cloud-notebooks-managed"
      name    = "workbench-instances-v20261001-debian-12"
    }
    boot_disk {
      disk_encryption = "CMEK"
      kms_key         = "projects/acme-int-keys-k7q2/locations/europe-west4/keyRings/interactive-europe-west4/cryptoKeys/storage"
    }
    network_interfaces {
      network = "projects/acme-int-network-k7q2/global/networks/acme-int-vpc"
      subnet  = "projects/acme-int-network-k7q2/regions/europe-west4/subnetworks/acme-int-europe-west4"
    }
    shielded_instance_config {
      enable_secure_boot          = true
      enable_vtpm                 = true
      enable_integrity_monitoring = true
    }
    metadata = {
      "disable-mixer"              = "true"
      "idle-timeout-seconds"       = "7200"
      "notebook-disable-downloads" = "true"
      "notebook-disable-root"      = "true"
      "notebook-disable-terminal"  = "true"
      "notebook-upgrade-schedule"  = "00 19 * * MON"
    }
  }
}
