/**
 * How many samples an export takes at once at most: the graph is tried out on so many, and more would need more memory than most
 * machines have. In a file of its own for the command line, whose help needs it and no graph.
 */
export const MOST_SAMPLES = 65_536;
