# Accepted: A sink of the organization or a folder hears all projects below
resource "google_logging_organization_sink" "audit" {
  org_id           = "123456789012"
  name             = "acme-audit"
  destination      = "logging.googleapis.com/projects/acme-com-logging-k7q2/locations/europe-west4/buckets/acme-platform"
  include_children = true
}
