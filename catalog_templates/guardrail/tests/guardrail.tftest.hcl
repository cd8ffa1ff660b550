mock_provider "google" {}

variables {
  name       = "assistant"
  purpose    = "Guards the service assistant while it is tried."
  strictness = "strict"
  project_id = "acme-int-churn-k7q2"
  region     = "europe-west4"
  labels     = { team = "churn", environment = "interactive" }
}

run "every_filter_is_on_and_blocks" {
  command = plan
  assert {
    condition     = google_model_armor_template.this.filter_config[0].pi_and_jailbreak_filter_settings[0].filter_enforcement == "ENABLED" && google_model_armor_template.this.filter_config[0].malicious_uri_filter_settings[0].filter_enforcement == "ENABLED" && google_model_armor_template.this.filter_config[0].sdp_settings[0].basic_config[0].filter_enforcement == "ENABLED"
    error_message = "A filter is off."
  }
  assert {
    condition     = google_model_armor_template.this.template_metadata[0].enforcement_type == "INSPECT_AND_BLOCK"
    error_message = "It only looks."
  }
}

run "nothing_is_below_the_minimum" {
  command = plan
  assert {
    condition     = alltrue([for filter in google_model_armor_template.this.filter_config[0].rai_settings[0].rai_filters : contains(["MEDIUM_AND_ABOVE", "LOW_AND_ABOVE"], filter.confidence_level)]) && length(google_model_armor_template.this.filter_config[0].rai_settings[0].rai_filters) == 4
    error_message = "A filter is below the minimum."
  }
}

run "less_than_the_minimum_is_refused" {
  command = plan
  variables {
    strictness = "off"
  }
  expect_failures = [var.strictness]
}

run "no_language_is_refused" {
  command = plan
  variables {
    languages = "none"
  }
  expect_failures = [var.languages]
}
