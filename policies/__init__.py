"""What may never happen: one folder per rule, each with a fixture it accepts and one it rejects."""
