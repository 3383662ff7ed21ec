"""The data passed as `validation_data=`: read once, without changing the state of iterators or random generators."""
