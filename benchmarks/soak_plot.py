"""The plot of a soak; needs matplotlib."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib
from matplotlib import pyplot
from soak_claims import Reading, Span

STYLE = {
    "svg.hashsalt": "soak",  # else two plots of the same figures differ
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 8,
    "lines.linewidth": 1,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def plot(path: Path, readings: Sequence[Reading], spans: Sequence[Span], first: float) -> None:
    """Draw rate, memory and descriptors, and latency over the minutes of the asking.

    Args:
        path: Of the SVG file.
        readings: Of the run's process.
        spans: Of the requests.
        first: When the first request ended, in seconds since 1970.
    """
    matplotlib.rcParams.update(STYLE)
    figure, (rate, memory, latency) = pyplot.subplots(3, sharex=True, figsize=(7, 4.8))
    minutes = [each.at / 60 for each in spans]
    rate.plot(minutes, [each.rate for each in spans], label="requests a second")
    times = [(each.at - first) / 60 for each in readings]
    memory.plot(times, [each.memory_mb for each in readings], label="memory, MB")
    memory.plot(times, [each.descriptors for each in readings], label="open descriptors")
    latency.plot(minutes, [each.p99 for each in spans], label="seconds to an answer, 99%")
    latency.plot(minutes, [each.p50 for each in spans], label="median")
    latency.set_xlabel("minutes")
    for axes in (rate, memory, latency):
        axes.set_ylim(0, 1.35 * axes.get_ylim()[1])
        axes.legend(loc="upper right", ncols=2)
        axes.grid(alpha=0.25)
    figure.tight_layout()
    figure.savefig(path, format="svg", metadata={"Date": None})
