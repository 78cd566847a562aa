"""Moving house: votes as files, and whole databases."""
