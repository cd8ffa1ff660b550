mock_provider "google" {}

variables {
  name       = "ana-churn"
  purpose    = "Exploring contracts before the next model."
  size       = "medium"
  disk_gb    = 200
  project_id = "acme-int-churn-k7q2"
  region     = "europe-west4"
  network    = "projects/acme-int-network-k7q2/global/networks/acme-int-vpc"
  subnet     = "projects/acme-int-network-k7q2/regions/europe-west4/subnetworks/acme-int-europe-west4"
  kms_key    = "projects/acme-int-keys-k7q2/locations/europe-west4/keyRings/interactive-europe-west4/cryptoKeys/notebooks"
  identity   = "notebook@acme-int-churn-k7q2.iam.gserviceaccount.com"
  owner      = "ana@example.com"
  image      = "workbench-instances-v20261001-debian-12"
  labels     = { team = "churn", environment = "interactive" }
}

run "nobody_reaches_it_from_outside" {
  command = plan
  assert {
    condition     = google_workbench_instance.this.gce_setup[0].disable_public_ip && !google_workbench_instance.this.gce_setup[0].enable_ip_forwarding
    error_message = "The notebook has a public address."
  }
  assert {
    condition     = google_workbench_instance.this.gce_setup[0].network_interfaces[0].subnet == var.subnet
    error_message = "The notebook is on another network."
  }
}

run "it_runs_as_the_team_and_belongs_to_one_person" {
  command = plan
  assert {
    condition     = google_workbench_instance.this.gce_setup[0].service_accounts[0].email == var.identity
    error_message = "The notebook runs as something else."
  }
  assert {
    condition     = google_workbench_instance.this.instance_owners == tolist([var.owner])
    error_message = "Others own the notebook."
  }
}

run "its_disks_have_a_customer_key" {
  command = plan
  assert {
    condition     = alltrue([for disk in concat(google_workbench_instance.this.gce_setup[0].boot_disk, google_workbench_instance.this.gce_setup[0].data_disks) : disk.disk_encryption == "CMEK" && disk.kms_key == var.kms_key])
    error_message = "A disk has no customer key."
  }
}

run "data_stays_and_idle_machines_stop" {
  command = plan
  assert {
    condition     = alltrue([for key in ["notebook-disable-downloads", "notebook-disable-root", "notebook-disable-terminal"] : google_workbench_instance.this.gce_setup[0].metadata[key] == "true"])
    error_message = "Files can leave."
  }
  assert {
    condition     = google_workbench_instance.this.gce_setup[0].metadata["idle-timeout-seconds"] == "3600"
    error_message = "It does not stop."
  }
}

run "a_default_identity_is_refused" {
  command = plan
  variables {
    identity = "1234-compute@developer.gserviceaccount.com"
  }
  expect_failures = [var.identity]
}

run "a_machine_of_any_size_is_refused" {
  command = plan
  variables {
    size = "a3-megagpu-8g"
  }
  expect_failures = [var.size]
}

run "a_notebook_that_never_stops_is_refused" {
  command = plan
  variables {
    idle_minutes = 100000
  }
  expect_failures = [var.idle_minutes]
}
