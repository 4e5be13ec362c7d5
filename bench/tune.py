"""Looks for the half-lives that recommend best on the first part of a file. It reads no further, so that what is measured on the rest says
something. One is varied at a time, from the shipped defaults on, until none changes. Of values that luck alone could have put apart, by one
standard error, the longest is taken: what forgets least supposes least (Breiman et al. 1984). Every run is written down."""

import argparse
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import sample

ROOT = pathlib.Path(__file__).resolve().parent.parent
SEARCHED = {
    "model.neighbour_half_life_days": (45, 90, 180, 365, 1500),
    "model.history_half_life_days": (60, 180, 720),
    "model.factor_half_life_days": (60, 180, 720),
}


def parse():
    parser = argparse.ArgumentParser(prog="scripts/tune", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog="What is not named here goes to catwalk evaluate: --map, --set, --exclude-seen …")
    add = parser.add_argument
    add("file", help="rows in the order of time, with a header; .xz or plain")
    add("--share", type=float, default=0.3, help="the first part that is read (default 0.3)")
    add("--out", metavar="FILE", help="write what was found as JSON here (default: standard output)")
    options, options.evaluate = parser.parse_known_args()
    if not 0 < options.share <= 1:
        parser.error(f"--share {options.share}: give a share above 0 and up to 1")
    return options


def first_part(options):
    """The header and the first rows, as bytes. Of the others only the number is taken."""
    with sample.open_rows(options.file) as lines:
        rows = sum(1 for _ in lines)
    with sample.open_rows(options.file) as lines:
        return list(itertools.islice(lines, 1 + int((rows - 1) * options.share)))


class Search:
    def __init__(self, program, file, evaluate):
        self.program, self.file, self.evaluate = program, file, evaluate
        self.runs = []

    def defaults(self):
        shipped = {name: value for name, value in os.environ.items() if not name.startswith("CATWALK_")}
        explained = subprocess.run([self.program, "config", "explain", "--json"], check=True, capture_output=True, env=shipped)
        values = {setting["key"]: setting["value"] for setting in json.loads(explained.stdout)}
        return {name: values[name] for name in SEARCHED}

    def run(self, settings):
        """Recall of all and of warm users, and on the average; what was run before is not run again."""
        for run in self.runs:
            if run["settings"] == settings:
                return run
        variables = {"CATWALK_" + name.replace(".", "_").upper(): str(value) for name, value in settings.items()}
        done = subprocess.run([self.program, "evaluate", self.file, "--json", *self.evaluate], text=True, capture_output=True,
                              env={**os.environ, **variables})
        if done.returncode != 0:
            sys.exit(f"catwalk evaluate: {done.stderr.strip().splitlines()[-1]}")
        self.runs.append({"settings": settings, **scores(json.loads(done.stdout)["metrics"])})
        changed = ", ".join(f"{name} {value}" for name, value in settings.items())
        print(f"tune: {self.runs[-1]['score']:.4f} with {changed}", file=sys.stderr, flush=True)
        return self.runs[-1]

    def longest(self, settings, name):
        """Of the setting's values, beside the others as they are, the longest within a standard error of the best."""
        runs = [self.run({**settings, name: value}) for value in SEARCHED[name]]
        best = max(runs, key=lambda run: run["score"])
        near = [run["settings"][name] for run in runs if run["score"] >= best["score"] - best["standard_error"]]
        return {**settings, name: max(near)}

    def best(self):
        best = self.defaults()
        for _ in range(3):
            before = dict(best)
            for name in SEARCHED:
                best = self.longest(best, name)
            if best == before:
                break
        return best


def scores(metrics):
    """The mean of the recalls of all and of warm users, and what it may be off: the mean of their standard errors, an upper bound."""
    users = [metrics[which] for which in ("all", "warm") if metrics[which].get("recall") is not None]
    errors = [(group["recall_ci"][1] - group["recall_ci"][0]) / (2 * 1.96) for group in users]
    return {"recall": [round(group["recall"], 6) for group in users],
            "score": round(sum(group["recall"] for group in users) / max(len(users), 1), 6),
            "standard_error": round(sum(errors) / max(len(errors), 1), 6)}


def main():
    options = parse()
    program = os.environ.get("CATWALK", str(ROOT / "build/release/apps/catwalk"))
    with tempfile.TemporaryDirectory() as folder:
        part = pathlib.Path(folder) / "first-part.tsv"
        lines = first_part(options)
        part.write_bytes(b"".join(lines))
        search = Search(program, str(part), options.evaluate)
        found = {"rows_read": len(lines) - 1, "best": search.best(), "runs": search.runs}
    text = json.dumps(found, indent=1) + "\n"
    if options.out:
        pathlib.Path(options.out).write_text(text)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
