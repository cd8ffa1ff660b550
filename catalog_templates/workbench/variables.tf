variable "name" {
  type        = string
  description = "What you call the notebook. Two notebooks of a team have two names."
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
  description = "small: 4 CPUs, medium: 8, large: 16; gpu: 8 CPUs with one L4, gpu_large: 24 CPUs with two."
  default     = "small"
  validation {
    condition     = contains(["small", "medium", "large", "gpu", "gpu_large"], var.size)
    error_message = "Choose small, medium, large, gpu or gpu_large."
  }
}

variable "disk_gb" {
  type        = number
  description = "Space for your data, in gigabytes."
  default     = 100
  validation {
    condition     = var.disk_gb >= 100 && var.disk_gb <= 1000 && floor(var.disk_gb) == var.disk_gb
    error_message = "Choose a whole number of gigabytes from 100 to 1000."
  }
}

variable "idle_minutes" {
  type        = number
  description = "The notebook stops after this many minutes without work; start it again when you come back."
  default     = 60
  validation {
    condition     = var.idle_minutes >= 10 && var.idle_minutes <= 180 && floor(var.idle_minutes) == var.idle_minutes
    error_message = "Choose a whole number of minutes from 10 to 180."
  }
}

variable "zone" {
  type        = string
  description = "Zone of the region; take another where one has no machines left."
  default     = "a"
  validation {
    condition     = contains(["a", "b", "c"], var.zone)
    error_message = "Choose a, b or c."
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
  description = "Key for disks in the region."
  validation {
    condition     = can(regex("^projects/[a-z0-9-]+/locations/[a-z0-9-]+/keyRings/[A-Za-z0-9_-]+/cryptoKeys/[A-Za-z0-9_-]+$", var.kms_key))
    error_message = "This is not the full id of a key."
  }
}

variable "identity" {
  type        = string
  description = "What the notebook runs as: the notebook identity of the team, never a default one."
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]@[a-z][a-z0-9-]{4,28}[a-z0-9][.]iam[.]gserviceaccount[.]com$", var.identity))
    error_message = "This is not the address of a service account of the platform."
  }
}

variable "owner" {
  type        = string
  description = "Who may open the notebook."
  validation {
    condition     = can(regex("^[^@: ]+@[^@: ]+$", var.owner))
    error_message = "Write the address of one person."
  }
}

variable "image" {
  type        = string
  description = "Image that the organization allows."
  validation {
    condition     = can(regex("^workbench-instances-v[0-9]{8}-debian-[0-9]+$", var.image))
    error_message = "This is not a pinned image of Workbench instances."
  }
}

variable "labels" {
  type        = map(string)
  description = "Labels that the platform gives to everything."
  default     = {}
}
