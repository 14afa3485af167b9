"""What runs inside of a sandbox: it is sent there as code, and imports nothing of potstill else.

It has to run on every interpreter from Python 3.10 on, whatever runs potstill itself.
"""
