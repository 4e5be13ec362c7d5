"""The shipped defaults are what scripts/tune found, and it looks at no more of a file than it says."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "bench"))
import sample  # noqa: E402  (bench/ is no package)
import tune  # noqa: E402

FOUND = ROOT / "docs/tuning.json"
ROWS = 1_000


def tuned(file):
    command = [sys.executable, "-B", str(ROOT / "bench/tune.py"), str(file), "--map", sample.MAP, "--set", "kind=rental", "--exclude-seen"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


class TuneTest(unittest.TestCase):
    def test_the_defaults_are_what_was_found(self):
        found = json.loads(FOUND.read_text())
        self.assertEqual(tune.Search(os.environ["CATWALK"], "", []).defaults(), found["best"])

    def test_takes_the_longest_that_luck_could_have_put_behind_the_best(self):
        search = tune.Search("", "", [])
        of_days = {45: 0.19, 90: 0.210, 180: 0.211, 365: 0.209, 1500: 0.20}
        search.runs = [{"settings": {"model.neighbour_half_life_days": days}, "score": score, "standard_error": 0.003}
                       for days, score in of_days.items()]
        self.assertEqual(search.longest({}, "model.neighbour_half_life_days"), {"model.neighbour_half_life_days": 365})

    def test_looks_at_the_first_part_only(self):
        with tempfile.TemporaryDirectory() as folder:
            whole, cut = pathlib.Path(folder) / "whole.tsv", pathlib.Path(folder) / "cut.tsv"
            sample.stand_in(whole, ROWS)
            lines = whole.read_text().splitlines()
            kept = 1 + int(ROWS * 0.3)
            cut.write_text("\n".join(lines[:kept] + ["what no program can read"] * (len(lines) - kept)) + "\n")
            found = tuned(whole)
            self.assertEqual(found["rows_read"], kept - 1)
            self.assertEqual(found, tuned(cut))


if __name__ == "__main__":
    unittest.main()
