"""Looks for the settings that recommend best on the first part of a file. It reads no further, so that what is measured on the rest says
something. One setting is varied at a time, from the shipped defaults on, until none gets better; every run is written down."""

import argparse
import itertools
import json
import lzma
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SEARCHED = {
    "model.neighbour_half_life_days": (45, 90, 180, 365, 1500),
    "model.history_half_life_days": (60, 180, 720),
    "model.factor_half_life_days": (60, 180, 720),
    "users.recent_limit": (5, 10, 20),
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


def open_rows(path):
    return lzma.open(path, "rb") if path.endswith(".xz") else open(path, "rb")


def first_part(options):
    """The header and the first rows, as bytes. Of the others only the number is taken."""
    with open_rows(options.file) as lines:
        rows = sum(1 for _ in lines)
    with open_rows(options.file) as lines:
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

    def score(self, settings):
        """Recall of all and of warm users, on the average; of a run that was made before, what it gave then."""
        for run in self.runs:
            if run["settings"] == settings:
                return run["score"]
        variables = {"CATWALK_" + name.replace(".", "_").upper(): str(value) for name, value in settings.items()}
        done = subprocess.run([self.program, "evaluate", self.file, "--json", *self.evaluate], text=True, capture_output=True,
                              env={**os.environ, **variables})
        if done.returncode != 0:
            sys.exit(f"catwalk evaluate: {done.stderr.strip().splitlines()[-1]}")
        metrics = json.loads(done.stdout)["metrics"]
        recalls = [metrics[users].get("recall") or 0 for users in ("all", "warm")]  # none if nobody was tested
        self.runs.append({"settings": settings, "recall": recalls[0], "warm_recall": recalls[1], "score": round(sum(recalls) / 2, 6)})
        changed = ", ".join(f"{name} {value}" for name, value in settings.items())
        print(f"tune: {recalls[0]:.4f} all, {recalls[1]:.4f} warm with {changed}", file=sys.stderr, flush=True)
        return self.runs[-1]["score"]

    def best(self):
        """Of equals what is shipped stays."""
        best = self.defaults()
        for _ in range(3):
            before = dict(best)
            for name, values in SEARCHED.items():
                for value in values:
                    tried = {**best, name: value}
                    if self.score(tried) > self.score(best):
                        best = tried
            if best == before:
                break
        return best


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
