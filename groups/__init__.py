"""Who may do what: personas and foundation groups as data, translated to groups and bindings."""
