# Model Armor before and after a model. What is fixed here is the platform's minimum: filters can only be ordered stricter.

locals {
  level = { balanced = "MEDIUM_AND_ABOVE", strict = "LOW_AND_ABOVE" }[var.strictness]
}

resource "google_model_armor_template" "this" {
  project     = var.project_id
  location    = var.region
  template_id = "team-${var.name}"
  labels      = var.labels

  filter_config {
    pi_and_jailbreak_filter_settings {
      filter_enforcement = "ENABLED"
      confidence_level   = local.level
    }

    malicious_uri_filter_settings {
      filter_enforcement = "ENABLED"
    }

    sdp_settings {
      basic_config {
        filter_enforcement = "ENABLED"
      }
    }

    rai_settings {
      dynamic "rai_filters" {
        for_each = ["DANGEROUS", "HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT"]
        content {
          filter_type      = rai_filters.value
          confidence_level = local.level
        }
      }
    }
  }

  template_metadata {
    enforcement_type                         = "INSPECT_AND_BLOCK"
    ignore_partial_invocation_failures       = false
    log_sanitize_operations                  = true
    log_template_operations                  = true
    custom_prompt_safety_error_code          = 400
    custom_prompt_safety_error_message       = "The request was stopped by the guardrail."
    custom_llm_response_safety_error_code    = 400
    custom_llm_response_safety_error_message = "The answer was stopped by the guardrail."

    multi_language_detection {
      enable_multi_language_detection = var.languages == "all"
    }
  }
}
