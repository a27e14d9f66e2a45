"""Analysis of the network: ranking, explanation, reach, layout; frozen facts in, findings out."""
