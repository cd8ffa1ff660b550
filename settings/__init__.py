"""What this installation is: YAML in, typed models out, and the only place where names and labels are computed."""
