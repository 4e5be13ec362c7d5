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
    def test_the_defaults_are_the_best_that_was_found(self):
        found = json.loads(FOUND.read_text())
        self.assertEqual(tune.Search(os.environ["CATWALK"], "", []).defaults(), found["best"])
        best = max(run["score"] for run in found["runs"])
        self.assertIn(best, [run["score"] for run in found["runs"] if run["settings"] == found["best"]])

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
