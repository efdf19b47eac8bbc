"""Price, prune, prove: how a plan is found and what it rests on."""
