"""What the operator looks at: logs and health pages."""
