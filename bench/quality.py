"""How good Catwalk's lists are on simulated shops of many shapes, beside the best there can be. What the figures mean and what came out
is in docs/quality.md. A line per shape and seed goes to stdout, then a summary; progress goes to stderr."""

import argparse
import concurrent.futures
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHAPES = ("dense", "trending", "sessions", "unique", "interaction", "segment", "released", "day")
PLAIN = "plain_lists"
# Which recommender stands for which part of the blend, alone.
PARTS = {"popularity": "demand", "decayed_popularity": "demand", "recency": "quiet", "item_neighbours": "neighbourhood",
         "ials": "fold_in", PLAIN: "fold_in", "segment_popularity": "profile_demand"}
NEAR_BEST = 0.9      # of the better of its parts
DEVIATIONS = 4       # that a recommender's recall may lie above what the oracle expects, by luck


def parse():
    parser = argparse.ArgumentParser(prog="scripts/quality", description=__doc__.split("\n\n")[0],
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    add = parser.add_argument
    add("--shapes", default=",".join(SHAPES), help="shapes to run")
    add("--seeds", type=int, default=20, help="seeds of each shape, from 1")
    add("--events", type=int, default=4000, help="events of each run")
    add("--quick", action="store_true", help="2 seeds of 1,200 events")
    add("--ablate", default="", metavar="PART,...", help="also measure without these parts of the blend")
    add("--jobs", type=int, default=1, help="runs at a time")
    add("--check", action="store_true", help="fail unless what must hold on any shape holds, see docs/quality.md")
    add("--markdown", metavar="FILE", help="also write the full table to this file")
    add("--json", metavar="FILE", help="also write every figure to this file")
    options = parser.parse_args()
    options.shapes = options.shapes.split(",")
    if options.quick:
        options.seeds, options.events = 2, 1200
    return options


class Program:
    """The program under test."""

    def __init__(self):
        self.path = os.environ.get("CATWALK", str(ROOT / "build/release/apps/catwalk"))

    def run(self, *args, stdout=subprocess.PIPE, **environment):
        done = subprocess.run([self.path, *map(str, args)], stdout=stdout, stderr=subprocess.PIPE, text=True,
                              env={**os.environ, **environment})
        if done.returncode != 0:
            raise RuntimeError(f"catwalk {args[0]} {args[1]}: {done.stderr.strip().splitlines()[-1]}")
        return done.stdout


class Run:
    """One seed of one shape: what each recommender's recall is."""

    def __init__(self, program, shape, seed, options):
        with tempfile.TemporaryDirectory() as folder:
            self.simulate(program, shape, seed, options, pathlib.Path(folder))
            self.evaluate(program, options, pathlib.Path(folder))

    def simulate(self, program, shape, seed, options, folder):
        with open(folder / "events.jsonl", "w") as events:
            program.run("simulate", shape, "--seed", seed, "--events", options.events, "--designs-out", folder / "designs.jsonl",
                        "--oracle", folder / "oracle.json", stdout=events)
        self.truth = json.loads((folder / "oracle.json").read_text())
        self.shape, self.seed = shape, seed
        self.oracle, self.warm_oracle = (self.truth["oracle"][group]["recall"] for group in ("all", "warm"))

    def evaluate(self, program, options, folder):
        asked = ["evaluate", folder / "events.jsonl", "--json"]
        asked += ["--exclude-seen"] if self.truth["exclude_seen"] else []
        asked += ["--designs", folder / "designs.jsonl"] if self.truth["catalogue"] else []
        ablate = ["--ablate", options.ablate] if options.ablate else []
        measured = json.loads(program.run(*asked, "--baselines", *ablate))
        plain = json.loads(program.run(*asked, CATWALK_USERS_LISTS="plain"))
        groups = measured["metrics"]
        self.tested, self.catwalk = groups["all"]["events"], groups["all"]["recall"]
        self.warm = groups["warm"]["recall"] if groups["warm"]["events"] else math.nan
        self.others = {name: figures["all"]["recall"] for name, figures in measured["baselines"].items()}
        self.others[PLAIN] = plain["metrics"]["all"]["recall"]
        self.worse_than = [name for name, figures in measured["baselines"].items()
                           if figures["all"]["recall_gain_of_catwalk_ci"][1] < 0]
        self.cold = {name: figures["cold"] for name, figures in {"catwalk": {"cold": groups["cold"]}, **measured["baselines"]}.items()}
        self.new_designs = groups["new_designs"]
        self.ablations = {name.removeprefix("without "): figures["all"] for name, figures in measured["ablations"].items()}

    @property
    def share(self):
        """Of the best possible."""
        return self.catwalk / self.oracle

    @property
    def best_other(self):
        return max(self.others, key=self.others.get)

    @property
    def best_part(self):
        return max(PARTS, key=self.others.get)

    @property
    def of_parts(self):
        """Of the better of its parts."""
        return self.catwalk / max(self.others[self.best_part], 1e-9)

    @property
    def above_all(self):
        return self.catwalk > max(self.others.values())

    def beaten_oracles(self):
        """Recommenders further above the oracle than luck may bring them."""
        luck = DEVIATIONS * math.sqrt(self.oracle * (1 - self.oracle) / self.tested)
        return [name for name, recall in {"catwalk": self.catwalk, **self.others}.items() if recall > self.oracle + luck]


def figure(value):
    return f"{value:.4f}".removeprefix("0")


HEAD = ("shape", "seed", "oracle", "catwalk", "share", "best other", "recall", "of best part")
WIDTHS = (12, 5, 7, 8, 6, 19, 7, 13)


def cells(run):
    return (run.shape, str(run.seed), figure(run.oracle), figure(run.catwalk), f"{run.share:.2f}", run.best_other,
            figure(run.others[run.best_other]), f"{run.of_parts:.2f}")


def line(texts):
    return "".join(text.ljust(width + 1) for text, width in zip(texts, WIDTHS)).rstrip()


SUMMARY = ("shape", "share of oracle", "of best part", "within 10 %", "above all", "sig. below", "best other (seeds)")
SUMMARY_WIDTHS = (11, 17, 17, 11, 9, 10, 20)


def spread(values):
    return f"{statistics.median(values):.2f} [{min(values):.2f}, {max(values):.2f}]"


def summary_of(shape, runs):
    names = [run.best_other for run in runs]
    most = max(sorted(set(names)), key=names.count)
    count = len(runs)
    return (shape, spread([run.share for run in runs]), spread([run.of_parts for run in runs]),
            f"{sum(run.of_parts >= NEAR_BEST for run in runs)}/{count}", f"{sum(run.above_all for run in runs)}/{count}",
            f"{sum(bool(run.worse_than) for run in runs)}/{count}", f"{most} ({names.count(most)})")


def summaries(runs):
    shapes = dict.fromkeys(run.shape for run in runs)
    return [summary_of(shape, [run for run in runs if run.shape == shape]) for shape in shapes]


COLD = ("shape", "cold users", "above popularity", "of popularity", "new designs")
COLD_WIDTHS = (12, 19, 18, 19, 19)


def cold_start(shape, runs):
    """Users with no event, beside popularity, and designs with none."""
    told = [run for run in runs if run.cold["catwalk"]["events"] > 0]
    new = [run.new_designs["recall"] for run in runs if run.new_designs["events"] > 0]
    pairs = [(run.cold["catwalk"]["recall"], run.cold["popularity"]["recall"]) for run in told]
    ratios = [mine / other for mine, other in pairs if other > 0]
    return (shape, spread([mine for mine, _ in pairs]) if pairs else "-", f"{sum(mine > other for mine, other in pairs)}/{len(pairs)}",
            spread(ratios) if ratios else "-", spread(new) if new else "-")


def cold_starts(runs):
    return [cold_start(shape, [run for run in runs if run.shape == shape]) for shape in dict.fromkeys(run.shape for run in runs)]


def ablation_lines(runs):
    """Per shape: the median loss of recall without a part, as a share, and in how many seeds it is significant."""
    for shape in dict.fromkeys(run.shape for run in runs):
        of_shape = [run for run in runs if run.shape == shape]
        texts = []
        for part in of_shape[0].ablations:
            figures = [(run.catwalk, run.ablations[part]) for run in of_shape]
            loss = statistics.median(1 - figure["recall"] / whole for whole, figure in figures if whole > 0)
            earns = sum(figure["recall_gain_of_catwalk_ci"][0] > 0 for _, figure in figures)
            costs = sum(figure["recall_gain_of_catwalk_ci"][1] < 0 for _, figure in figures)
            texts.append(f"{part} {100 * loss:+.0f} % (+{earns} -{costs})")
        if texts:
            yield f"{shape}: " + ", ".join(texts)


def markdown_row(texts):
    return "| " + " | ".join(texts) + " |\n"


def markdown_table(head, rows):
    return markdown_row(head) + "|" + "---|" * len(head) + "\n" + "".join(map(markdown_row, rows))


def ranges_table(runs):
    shapes = {run.shape: run.truth for run in runs}
    names = dict.fromkeys(name for truth in shapes.values() for name in truth["parameters"])

    def cell(truth, name):
        range_of = truth["parameters"].get(name)
        return f"{range_of['low']:g} to {range_of['high']:g}" if range_of else ""

    return markdown_table(["", *shapes], [[name.replace("_", " "), *(cell(truth, name) for truth in shapes.values())] for name in names])


def full_table(runs):
    others = list(runs[0].others)
    head = ["shape", "seed", "oracle", "**catwalk**", "share", *(name.replace("_", " ") for name in others)]
    rows = [[run.shape, str(run.seed), figure(run.oracle), f"**{figure(run.catwalk)}**", f"{run.share:.2f}",
             *(figure(run.others[name]) for name in others)] for run in runs]
    return markdown_table(head, rows)


def markdown(runs, options):
    about = "".join(f"* **{run.shape}**: {run.truth['about']}\n" for run in runs if run.seed == 1)
    return (f"# Shapes: every seed\n\n`scripts/quality --seeds {options.seeds} --events {options.events} --markdown docs/shapes.md` wrote this page; "
            "[quality.md](quality.md) says what it means.\n\n" + about + "\n## Ranges\n\n"
            "What is drawn for each seed, evenly, independently; what the names mean is in `evaluate/simulate/shape.h`.\n\n" +
            ranges_table(runs) + "\n## Summary\n\n" + markdown_table(SUMMARY, summaries(runs)) +
            "\n## Cold start\n\nRecall@10 of users with no event yet, beside popularity's, and of designs with none.\n\n" +
            markdown_table(COLD, cold_starts(runs)) + "\n## Recall@10, all tested events\n\n" + full_table(runs))


def faults(runs):
    """What must hold on any shape."""
    for run in runs:
        for name in run.beaten_oracles():
            yield f"{run.shape} {run.seed}: {name} is above what is possible"
    above = sum(run.catwalk > run.others["popularity"] for run in runs)
    if above < 0.75 * len(runs):
        yield f"catwalk is above popularity in {above} of {len(runs)} runs only"
    near = sum(run.of_parts >= NEAR_BEST for run in runs)
    if near < 0.5 * len(runs):
        yield f"catwalk is within 10 % of the better of its parts in {near} of {len(runs)} runs only"


def measure(options):
    program = Program()
    wanted = [(shape, seed) for shape in options.shapes for seed in range(1, options.seeds + 1)]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for run in pool.map(lambda one: Run(program, *one, options), wanted):
            print(line(cells(run)), flush=True)
            yield run


def main():
    options = parse()
    print(line(HEAD))
    runs = list(measure(options))
    print()
    for texts in [SUMMARY, *summaries(runs)]:
        print("".join(text.ljust(width + 1) for text, width in zip(texts, SUMMARY_WIDTHS)).rstrip())
    print()
    for texts in [COLD, *cold_starts(runs)]:
        print("".join(text.ljust(width) for text, width in zip(texts, COLD_WIDTHS)).rstrip())
    for text in ablation_lines(runs):
        print("without " + text)
    if options.markdown:
        pathlib.Path(options.markdown).write_text(markdown(runs, options))
    if options.json:
        plain = [{key: value for key, value in vars(run).items()} for run in runs]
        pathlib.Path(options.json).write_text(json.dumps(plain, indent=1) + "\n")
    found = list(faults(runs)) if options.check else []
    for fault in found:
        print("quality: " + fault, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
