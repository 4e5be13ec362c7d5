"""Measures Catwalk and prints one markdown table (--json: one JSON object) to stdout; progress goes to stderr.

Runs of Catwalk alone, or with --peer against a Kafka Streams program. What the figures mean and should be is in
docs/benchmarks.md. Exits 1 if a run cannot be measured or a list is lost or repeated."""

import argparse
import json
import math
import statistics
import sys

import machine
import peer
import runs
from sample import Sample

# What the figures of the runs alone should be.
TARGETS = {
    ("embedded", "events/s"): "at least 20,000", ("embedded", "peak MiB"): "under 1,024",
    ("kafka", "events/s"): "at least 10,000", ("kafka", "CPU-s per million"): "at most 60",
    ("kafka", "peak MiB"): "under 1,024",
    ("latency", "p50 ms"): "at most 15", ("latency", "p99 ms"): "at most 60",
    ("restart", "folder kept: s to first list"): "under 2",
}


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def setting(text):
    """The variable of the environment, and its value."""
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError("must be KEY=VALUE")
    return "CATWALK_" + key.upper().replace(".", "_"), value


def parse():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.split("\n\n")[0],
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    add = parser.add_argument
    add("--runs", type=positive, default=3, help="runs of each kind, of which the median is taken")
    add("--json", action="store_true", help="JSON with the figure of every run instead of a table")
    add("--only", default=",".join(runs.ALL), help="kinds to run")
    add("--set", metavar="KEY=VALUE", action="append", default=[], type=setting, help="a setting of the program, like users.lists=plain")
    add("--data", help="rentals to replay, .tsv or .tsv.xz (default: the real ones where they lie beside the checkout, "
                       "else a seeded stand-in)")
    add("--rows", type=positive, help="replay only so many of them")
    add("--users", type=positive, default=640_000, help="restart: user states present")
    add("--rate", type=positive, default=1000, help="latency: events per second")
    add("--seconds", type=positive, default=20, help="latency: seconds measured")
    add("--broker-seconds", type=positive, default=60,
        help="latency: seconds of the same traffic before, for a new broker to compile its code")
    add("--warm-events", type=positive, default=20_000, help="latency: events processed before")
    add("--peer", metavar="DIR", help="compare with the Kafka Streams program in this folder instead")
    add("--mode", choices=("full", "count"), default="full", help="peer: all the work, or state and output without a model")
    add("--events", type=positive, default=2_000_000, help="peer: events loaded")
    add("--rates", default="1000,4000", help="peer: events per second at which latency is measured; empty: not at all")
    add("--commit-ms", default="100,10", help="peer: commit intervals of the peer for which latency is measured")
    options = parser.parse_args()
    options.only = [kind for kind in options.only.split(",") if kind]
    unknown = [kind for kind in options.only if kind not in runs.ALL]
    if unknown:
        parser.error(f"no runs are called {unknown[0]}; there are {', '.join(runs.ALL)}")
    return options


def shown(value):
    if not math.isfinite(value):
        return "-"  # a run too short to tell
    if abs(value) >= 1000 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def measure_alone(catwalk, options):
    """Figures of every run by kind and name."""
    options.sample = None
    if {"embedded", "kafka"} & set(options.only):
        options.sample = Sample(catwalk.session, options.data, options.rows)
        machine.say(f"replays {options.sample.words}")
    figures = {}
    for kind in options.only:
        for number in range(options.runs):
            machine.say(f"{kind}, run {number + 1} of {options.runs}")
            for name, value in runs.ALL[kind](catwalk, options).items():
                figures.setdefault(kind, {}).setdefault(name, []).append(value)
    return figures


def print_alone(figures):
    rows = []
    for kind, named in figures.items():
        for name, values in named.items():
            rows.append((kind, name, shown(statistics.median(values)), " ".join(map(shown, values)),
                         TARGETS.get((kind, name), "")))
    print(table(("run", "figure", "median", "each", "target"), rows))


def better_by(name, theirs, ours):
    """How many times better ours is; events per second are better when there are more."""
    over, under = (ours, theirs) if "events/s" in name else (theirs, ours)
    return f"{over / under:.2f}" if under and math.isfinite(over) and math.isfinite(under) else ""


def print_peer(figures, mode):
    """One row per figure: the peer, Catwalk, and one over the other as targets have it."""
    rows = []
    for name, sides in figures.items():
        theirs, ours = (statistics.median(sides[side]) for side in ("peer", "catwalk"))
        rows.append((name, shown(theirs), shown(ours), better_by(name, theirs, ours), peer.TARGETS.get((mode, name), "")))
    print(table(("figure", "peer", "catwalk", "catwalk is better by", "target"), rows))


def main():
    options = parse()
    with machine.Session() as session:
        catwalk = machine.Catwalk(session, dict(options.set))
        machine.say(machine.describe())
        figures = peer.compare(catwalk, options) if options.peer else measure_alone(catwalk, options)
    if options.json:
        print(json.dumps({"machine": machine.describe(), "figures": figures}))
    elif options.peer:
        print_peer(figures, options.mode)
    else:
        print_alone(figures)


if __name__ == "__main__":
    try:
        main()
    except machine.Failed as failure:
        sys.exit(f"bench: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
