"""`corpus.py` and `fuzz.py` are scripts too: here, as there, their folder is on the path."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
