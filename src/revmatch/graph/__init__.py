"""The bipartite graph of a programme: looked at tile by tile, never fully built."""
