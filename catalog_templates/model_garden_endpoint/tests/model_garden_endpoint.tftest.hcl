mock_provider "google" {}

variables {
  name           = "summaries"
  purpose        = "Summaries of calls, compared with the managed model."
  accept_terms   = true
  project_id     = "acme-int-churn-k7q2"
  region         = "europe-west4"
  allowed_models = ["publishers/google/models/gemma3@gemma-3-1b-it:predict"]
}

run "it_comes_from_the_allow_list_on_gpus_that_fit" {
  command = plan
  assert {
    condition     = google_vertex_ai_endpoint_with_model_garden_deployment.this.publisher_model_name == "publishers/google/models/gemma3@gemma-3-1b-it"
    error_message = "Another model."
  }
  assert {
    condition     = google_vertex_ai_endpoint_with_model_garden_deployment.this.deploy_config[0].dedicated_resources[0].machine_spec[0].accelerator_type == "NVIDIA_L4"
    error_message = "Another GPU."
  }
}

run "it_has_no_public_address_of_its_own" {
  command = plan
  assert {
    condition     = !google_vertex_ai_endpoint_with_model_garden_deployment.this.endpoint_config[0].dedicated_endpoint_enabled
    error_message = "It has a public address."
  }
}

run "a_model_that_the_environment_does_not_allow_is_refused" {
  command = plan
  variables {
    allowed_models = ["publishers/google/models/gemini-3.5-flash:predict"]
  }
  expect_failures = [output.model]
}

run "a_model_of_nobody_knows_whom_is_refused" {
  command = plan
  variables {
    model = "llama@latest"
  }
  expect_failures = [var.model]
}

run "terms_have_to_be_accepted" {
  command = plan
  variables {
    accept_terms = false
  }
  expect_failures = [var.accept_terms]
}
