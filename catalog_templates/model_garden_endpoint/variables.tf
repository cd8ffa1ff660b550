variable "name" {
  type        = string
  description = "What the model is tried for, in a word or two."
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "Use 3 to 20 lower-case letters, digits and hyphens; begin with a letter and end with a letter or digit."
  }
}

variable "purpose" {
  type        = string
  description = "One sentence for colleagues who find it later."
  validation {
    condition     = length(trimspace(var.purpose)) >= 10 && length(var.purpose) <= 120
    error_message = "Write a sentence of 10 to 120 characters."
  }
}

variable "model" {
  type        = string
  description = "Open model, with the machine that fits it."
  default     = "gemma3@gemma-3-1b-it"
  validation {
    condition     = contains(["gemma3@gemma-3-1b-it", "gemma3@gemma-3-4b-it", "gemma3@gemma-3-12b-it"], var.model)
    error_message = "Choose gemma3@gemma-3-1b-it, gemma3@gemma-3-4b-it or gemma3@gemma-3-12b-it."
  }
}

variable "max_replicas" {
  type        = number
  description = "So many machines answer at most; one always runs."
  default     = 1
  validation {
    condition     = var.max_replicas >= 1 && var.max_replicas <= 3 && floor(var.max_replicas) == var.max_replicas
    error_message = "Choose a whole number of machines from 1 to 3."
  }
}

variable "accept_terms" {
  type        = bool
  description = "I have read the terms of the model and use it accordingly."
  validation {
    condition     = var.accept_terms
    error_message = "Read the terms of the model in Model Garden and accept them."
  }
}

variable "project_id" {
  type        = string
  description = "Project of the team."
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "This is not a project id."
  }
}

variable "region" {
  type        = string
  description = "Region of the platform; data does not leave it."
  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "This is not a region."
  }
}

variable "allowed_models" {
  type        = list(string)
  description = "Models that the environment allows."
  validation {
    condition     = length(var.allowed_models) > 0
    error_message = "Name at least one model."
  }
}
