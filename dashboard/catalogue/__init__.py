"""Which runs there are and what their small files say, read as they grow. Run names resolve here and nowhere else."""
