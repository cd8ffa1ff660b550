# Rejected: An access level that admits the world
resource "google_access_context_manager_access_level" "world" {
  parent = "accessPolicies/909268627868"
  name   = "accessPolicies/909268627868/accessLevels/acme_world"
  title  = "acme_world"
  basic {
    conditions {
      ip_subnetworks = ["0.0.0.0/0"]
    }
  }
}

resource "google_access_context_manager_access_level" "elsewhere" {
  parent = "accessPolicies/909268627868"
  name   = "accessPolicies/909268627868/accessLevels/acme_elsewhere"
  title  = "acme_elsewhere"
  basic {
    conditions {
      ip_subnetworks = ["203.0.113.0/24"]
      negate         = true
    }
  }
}

resource "google_access_context_manager_access_level" "region" {
  parent = "accessPolicies/909268627868"
  name   = "accessPolicies/909268627868/accessLevels/acme_region"
  title  = "acme_region"
  basic {
    conditions {
      regions = ["DE"]
    }
  }
}

resource "google_access_context_manager_access_level" "own_words" {
  parent = "accessPolicies/909268627868"
  name   = "accessPolicies/909268627868/accessLevels/acme_own_words"
  title  = "acme_own_words"
  custom {
    expr {
      expression = "true"
    }
  }
}
