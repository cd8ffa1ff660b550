variable "name" {
  type        = string
  description = "What the environment is for, in a word or two."
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

variable "size" {
  type        = string
  description = "small for some ten pipelines, medium for some hundred."
  default     = "small"
  validation {
    condition     = contains(["small", "medium"], var.size)
    error_message = "Choose small or medium."
  }
}

variable "triggerer" {
  type        = bool
  description = "Whether tasks may wait without holding a worker (deferrable operators)."
  default     = false
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

variable "network" {
  type        = string
  description = "Shared network of the environment."
  validation {
    condition     = can(regex("^projects/[a-z0-9-]+/global/networks/[a-z0-9-]+$", var.network))
    error_message = "This is not the full id of a network."
  }
}

variable "subnet" {
  type        = string
  description = "Subnet of the region in the shared network."
  validation {
    condition     = can(regex("^projects/[a-z0-9-]+/regions/[a-z0-9-]+/subnetworks/[a-z0-9-]+$", var.subnet))
    error_message = "This is not the full id of a subnet."
  }
}

variable "kms_key" {
  type        = string
  description = "Key for Composer in the region."
  validation {
    condition     = can(regex("^projects/[a-z0-9-]+/locations/[a-z0-9-]+/keyRings/[A-Za-z0-9_-]+/cryptoKeys/[A-Za-z0-9_-]+$", var.kms_key))
    error_message = "This is not the full id of a key."
  }
}

variable "identity" {
  type        = string
  description = "What Airflow runs as: the composer identity of the team, never a default one."
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]@[a-z][a-z0-9-]{4,28}[a-z0-9][.]iam[.]gserviceaccount[.]com$", var.identity))
    error_message = "This is not the address of a service account of the platform."
  }
}

variable "image" {
  type        = string
  description = "Image that the platform pins."
  validation {
    condition     = can(regex("^composer-3-airflow-[0-9]+[.][0-9]+[.][0-9]+-build[.][0-9]+$", var.image))
    error_message = "This is not a pinned image of Composer 3."
  }
}

variable "internal_range" {
  type        = string
  description = "Internal range that the network plan keeps for Composer."
  validation {
    condition     = can(regex("^[0-9]{1,3}([.][0-9]{1,3}){3}/20$", var.internal_range))
    error_message = "This is not a /20 range."
  }
}

variable "workplaces" {
  type        = list(string)
  description = "Public ranges from which people reach the web server."
  validation {
    condition     = length(var.workplaces) > 0 && alltrue([for range in var.workplaces : can(cidrnetmask(range)) && try(tonumber(split("/", range)[1]) >= 16, false)])
    error_message = "Name at least one range of addresses, each of /16 or smaller."
  }
}

variable "group" {
  type        = string
  description = "Who puts definitions: the group of the team's data scientists."
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
