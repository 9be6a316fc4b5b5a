"""What the index makes of it: baskets, weights, links and releases."""
