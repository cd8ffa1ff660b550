locals {
  publisher = "publishers/google/models/${var.model}"
  family    = split("@", local.publisher)[0]
  allowed   = [for model in var.allowed_models : split(":", model)[0]]
}

output "model" {
  description = "What answers."
  value       = local.publisher

  precondition {
    condition     = contains(local.allowed, local.publisher) || contains(local.allowed, local.family)
    error_message = "The environment does not allow this model; allowed_models in settings/environments says which it does."
  }
}
