# Rejected: An alert is switched on and calls somebody
resource "google_monitoring_alert_policy" "errors" {
  project               = "acme-com-monitoring-k7q2"
  display_name          = "Errors"
  combiner              = "OR"
  enabled               = true
  notification_channels = []
  conditions {
    display_name = "Errors"
    condition_threshold {
      filter          = "metric.type=\"logging.googleapis.com/user/errors\" AND resource.type=\"global\""
      comparison      = "COMPARISON_GT"
      duration        = "0s"
      threshold_value = 0
    }
  }
}
