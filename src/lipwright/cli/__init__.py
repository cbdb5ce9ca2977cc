"""The command line. Each command parses its options, makes one call to the pipeline and prints the result."""
