"""Files out: what is written, in which order, so that a kill at any instant leaves a readable run."""
