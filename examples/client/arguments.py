"""What all examples take from the command line."""

import argparse
from pathlib import Path


def read() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", default="http://127.0.0.1:8188")
    parser.add_argument("--out", type=Path, default=Path("out"))
    return parser.parse_args()
