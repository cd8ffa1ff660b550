"""Access: what people may do, asked of the synthesized stacks, and what the groups' files may say."""
