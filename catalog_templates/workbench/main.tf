# A notebook for one person: private, stopped when idle, with the team's notebook identity and a customer key on both disks.

locals {
  sizes = {
    small     = { machine = "e2-standard-4", gpus = 0 }
    medium    = { machine = "n2-standard-8", gpus = 0 }
    large     = { machine = "n2-standard-16", gpus = 0 }
    gpu       = { machine = "g2-standard-8", gpus = 1 }
    gpu_large = { machine = "g2-standard-24", gpus = 2 }
  }
  size = local.sizes[var.size]
}

resource "google_workbench_instance" "this" {
  project              = var.project_id
  name                 = var.name
  location             = "${var.region}-${var.zone}"
  instance_owners      = [var.owner]
  disable_proxy_access = false
  labels               = var.labels

  gce_setup {
    machine_type         = local.size.machine
    disable_public_ip    = true
    enable_ip_forwarding = false

    dynamic "accelerator_configs" {
      for_each = local.size.gpus > 0 ? [local.size.gpus] : []
      content {
        type       = "NVIDIA_L4"
        core_count = accelerator_configs.value
      }
    }

    service_accounts {
      email = var.identity
    }

    vm_image {
      project = "cloud-notebooks-managed"
      name    = var.image
    }

    boot_disk {
      disk_type       = "PD_BALANCED"
      disk_size_gb    = 150
      disk_encryption = "CMEK"
      kms_key         = var.kms_key
    }

    data_disks {
      disk_type       = "PD_BALANCED"
      disk_size_gb    = var.disk_gb
      disk_encryption = "CMEK"
      kms_key         = var.kms_key
    }

    network_interfaces {
      network  = var.network
      subnet   = var.subnet
      nic_type = "GVNIC"
    }

    shielded_instance_config {
      enable_secure_boot          = true
      enable_vtpm                 = true
      enable_integrity_monitoring = true
    }

    metadata = {
      block-project-ssh-keys     = "true"
      disable-mixer              = "true"
      enable-oslogin             = "true"
      idle-timeout-seconds       = var.idle_minutes * 60
      notebook-disable-downloads = "true"
      notebook-disable-root      = "true"
      notebook-disable-terminal  = "true"
      notebook-upgrade-schedule  = "00 19 * * MON"
      report-dns-resolution      = "true"
      report-event-health        = "true"
      serial-port-enable         = "false"
    }
  }
}
