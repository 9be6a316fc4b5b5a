"""What the accounts room is asked."""
