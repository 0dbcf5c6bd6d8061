"""Layer 8: the command line, one file a verb. A verb reads its arguments, calls what is below, and prints;
data goes to stdout, everything else to stderr.
"""
