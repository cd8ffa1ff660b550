# Accepted: A sink of the organization is on, and leaves nothing out of what it hears
resource "google_logging_organization_sink" "audit" {
  org_id           = "123456789012"
  name             = "acme-audit"
  destination      = "logging.googleapis.com/projects/acme-com-logging-k7q2/locations/europe-west4/buckets/acme-platform"
  include_children = true
}

resource "google_logging_organization_sink" "some" {
  org_id           = "123456789012"
  name             = "acme-some"
  destination      = "logging.googleapis.com/projects/acme-com-logging-k7q2/locations/europe-west4/buckets/acme-platform"
  include_children = true
  filter           = "(logName:\"cloudaudit.googleapis.com\") OR (log_id(\"compute.googleapis.com/vpc_flows\"))"
}
