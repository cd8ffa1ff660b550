#!/bin/sh
# A deploy that Google would refuse: an address abroad, a bucket without a key, and a grant to a stranger.
#
#     make up && .venv/bin/blueprint sandbox exec -- sh docs/refused-deploy.sh
#
# Terraform shows Google's code and words, and the file of the rule that says so. Nothing is made; it ends with 1.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >main.tf <<'END'
terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "acme-int-churn-k7q2"
}

resource "google_compute_address" "abroad" {
  name         = "abroad"
  region       = "us-central1"
  address_type = "INTERNAL"
}

resource "google_storage_bucket" "without_key" {
  name                        = "acme-int-churn-k7q2-without-key"
  location                    = "europe-west4"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
}

resource "google_project_iam_member" "stranger" {
  project = "acme-int-churn-k7q2"
  role    = "roles/viewer"
  member  = "user:eve@elsewhere.example"
}
END
"$TERRAFORM_BINARY_NAME" init -no-color >/dev/null
"$TERRAFORM_BINARY_NAME" plan -no-color -out plan.bin >/dev/null
"$TERRAFORM_BINARY_NAME" apply -no-color plan.bin
