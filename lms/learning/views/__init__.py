"""Pages of the learner. One blueprint, one module for each part of the way."""
