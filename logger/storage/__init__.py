"""Files out, written in an order that leaves a readable run after a kill at any instant."""
