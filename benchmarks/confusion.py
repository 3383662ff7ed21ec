"""How long the numbers of a confusion matrix take: from 10,000 to 10 million rows at one epoch.

    python benchmarks/confusion.py [--rows 10000000]

The files are written with made predictions; the query and the matrix are those of the Confusion page.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent.parent))
from dashboard.analysis.class_order import cluster_order
from dashboard.analysis.confusion_matrix import confused_pairs, per_class, read_matrix
from dashboard.sql import confusion

REPEATS = 7


def write(file: Path, rows: int, classes: int) -> None:
    """A predictions file of which four in five are right."""
    rng = np.random.default_rng(0)
    label = rng.integers(0, classes, rows, dtype=np.int32)
    predicted = np.where(rng.random(rows) < 0.8, label, rng.integers(0, classes, rows)).astype(np.int32)
    columns = {"index": np.arange(rows, dtype=np.int32), "label": label, "predicted": predicted}
    pq.write_table(pa.table(columns | {"confidence": rng.random(rows, dtype=np.float32)}), file, compression="zstd")


def median_ms(work: Callable[[], object]) -> float:
    """Median milliseconds of REPEATS calls after a first one."""
    work()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    most = parser.parse_args().rows
    print("rows        classes   query ms   matrix ms   orders ms   tables ms")
    for rows, classes in ((10_000, 10), (50_000, 1_000), (most, 10), (most, 1_000)):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "epoch=00000.parquet"
            write(file, rows, classes)
            query = median_ms(lambda f=file: confusion.confusion_cells(f))
            cells = confusion.confusion_cells(file).to_pandas()
            matrix = read_matrix(cells, classes)
            made = median_ms(lambda c=cells, k=classes: read_matrix(c, k))
            order = median_ms(lambda m=matrix: cluster_order(m))
            lists = median_ms(lambda m=matrix: (confused_pairs(m), per_class(m)))
        print(f"{rows:<12,}{classes:<10,}{query:<11.0f}{made:<12.0f}{order:<12.0f}{lists:<.0f}")


if __name__ == "__main__":
    main()
