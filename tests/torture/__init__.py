"""What the store is made to suffer, to show that nothing acknowledged is ever lost."""
