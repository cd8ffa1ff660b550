# Rejected: A sink of the organization is on, and leaves nothing out of what it hears
resource "google_logging_organization_sink" "audit" {
  org_id           = "123456789012"
  name             = "acme-audit"
  destination      = "logging.googleapis.com/projects/acme-com-logging-k7q2/locations/europe-west4/buckets/acme-platform"
  include_children = true
  disabled         = true
}

resource "google_logging_organization_sink" "nothing" {
  org_id           = "123456789012"
  name             = "acme-nothing"
  destination      = "logging.googleapis.com/projects/acme-com-logging-k7q2/locations/europe-west4/buckets/acme-platform"
  include_children = true
  filter           = "logName=\"nothing\""
}

resource "google_logging_organization_sink" "less" {
  org_id           = "123456789012"
  name             = "acme-less"
  destination      = "logging.googleapis.com/projects/acme-com-logging-k7q2/locations/europe-west4/buckets/acme-platform"
  include_children = true
  filter           = "logName:\"cloudaudit.googleapis.com\" AND NOT protoPayload.serviceName=\"storage.googleapis.com\""
}
