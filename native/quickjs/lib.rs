// Empty: only the dependency counts.
