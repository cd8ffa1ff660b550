variable "name" {
  type        = string
  description = "What is predicted, in a word or two."
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

variable "machine" {
  type        = string
  description = "small: 4 CPUs, large: 16 CPUs, gpu: 8 CPUs with one L4."
  default     = "small"
  validation {
    condition     = contains(["small", "large", "gpu"], var.machine)
    error_message = "Choose small, large or gpu."
  }
}

variable "max_replicas" {
  type        = number
  description = "So many machines answer at most; one always runs once a model is deployed."
  default     = 3
  validation {
    condition     = var.max_replicas >= 1 && var.max_replicas <= 10 && floor(var.max_replicas) == var.max_replicas
    error_message = "Choose a whole number of machines from 1 to 10."
  }
}

variable "logged" {
  type        = number
  description = "Share of requests that is kept for monitoring, with the answers."
  default     = 0.1
  validation {
    condition     = var.logged >= 0.01 && var.logged <= 1
    error_message = "Choose a share from 0.01 to 1."
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

variable "kms_key" {
  type        = string
  description = "Key for Vertex AI in the region."
  validation {
    condition     = can(regex("^projects/[a-z0-9-]+/locations/[a-z0-9-]+/keyRings/[A-Za-z0-9_-]+/cryptoKeys/[A-Za-z0-9_-]+$", var.kms_key))
    error_message = "This is not the full id of a key."
  }
}

variable "data_key" {
  type        = string
  description = "Key for BigQuery in the region."
  validation {
    condition     = can(regex("^projects/[a-z0-9-]+/locations/[a-z0-9-]+/keyRings/[A-Za-z0-9_-]+/cryptoKeys/[A-Za-z0-9_-]+$", var.data_key))
    error_message = "This is not the full id of a key."
  }
}

variable "callers" {
  type        = list(string)
  description = "Projects from which it can be reached: that of the team and that of the network."
  validation {
    condition     = length(var.callers) > 0 && alltrue([for caller in var.callers : can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", caller))])
    error_message = "Name at least one project, each by its id."
  }
}

variable "group" {
  type        = string
  description = "Who works with it: the group of the team's data scientists."
  validation {
    condition     = can(regex("^group:[^@ ]+@[^@ ]+$", var.group))
    error_message = "Write it as group:ADDRESS."
  }
}

variable "labels" {
  type        = map(string)
  description = "Labels that the platform gives to everything."
  default     = {}
}
