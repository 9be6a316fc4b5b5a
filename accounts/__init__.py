"""Who may sign in: the project's own user model, there from the first migration."""
