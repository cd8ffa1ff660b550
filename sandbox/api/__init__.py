"""Google's REST APIs over the sandbox's store: routes and schemas from discovery documents."""
