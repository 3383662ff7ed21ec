"""What people hand to `validation_data=`: read once, without moving an iterator or a random state of theirs."""
