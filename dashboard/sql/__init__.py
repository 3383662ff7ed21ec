"""Every question asked of samples and predictions, as portable SQL over a run's Parquet files."""
