"""The command line: each command parses its options, calls the pipeline once and prints the result."""
