"""The product measured on pairs of rendered sets: accuracy, where it is lost, experiments."""
