"""What must stay cheap, each figure beside the floor it is held against.

`python -m benchmarks [word ...]` prints the table.

Figure and floor are measured in the same run on the same machine, so that the ratio means something
anywhere. Nothing here is a test: a slow machine fails nobody.
"""
