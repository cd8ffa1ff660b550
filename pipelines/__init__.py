"""What runs in the operational environments: steps, their orchestrator twins, the container, generative assets."""
