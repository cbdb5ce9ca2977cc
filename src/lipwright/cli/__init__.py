"""The command line: parse, build the job, call the pipeline once, present, exit."""
