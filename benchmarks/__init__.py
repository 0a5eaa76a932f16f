"""What the suite costs and what the pool gains, as ratios within one run."""
