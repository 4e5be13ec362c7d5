"""Arrows point down only: who may include whom, where third-party code may be seen, and what every folder must have.

Run as `layering_test.py [-v]`. The first class checks this checkout, the second that each rule catches what it forbids.
"""

import os
import pathlib
import re
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Which folders of ours a folder may include, besides itself. Absent: no C++ of ours belongs there.
MAY_INCLUDE = {
    "base": set(),
    "schemas": {"base"},
    "state": {"base"},
    "models": {"base"},
    "operators": {"base", "schemas", "state", "models"},
    "streams": {"base", "schemas", "state", "models", "operators"},
    "serve": {"base", "schemas", "state", "models"},
    "evaluate": {"base"},
    "apps": {"base", "schemas", "state", "models", "operators", "streams", "serve", "evaluate"},
    "tests": {"base", "schemas", "state", "models", "operators", "streams", "serve", "evaluate", "apps"},
    "bench": {"base", "schemas", "state", "models", "operators", "streams", "serve", "evaluate", "apps", "tests"},
}

# A third-party header, and the only files of ours that may include it; tests and benchmarks may include anything.
ONLY_SEEN_BY = [
    (re.compile(r"librdkafka/"), re.compile(r"streams/")),
    (re.compile(r"rocksdb/"), re.compile(r"state/|streams/embedded_")),
    (re.compile(r"boost/(beast|asio)\b"), re.compile(r"serve/")),
]

# Operators are functions of their input: what would make them depend on anything else.
IMPURE_HEADERS = re.compile(
    r"(thread|stop_token|mutex|shared_mutex|condition_variable|future|atomic|semaphore|latch|barrier|chrono|ctime|time\.h"
    r"|random|pthread\.h|unistd\.h|sys/.*|netinet/.*|arpa/.*|netdb\.h|boost/.*|base/clock\.h)$")
IMPURE_WORDS = re.compile(r"\b(system_clock|steady_clock|high_resolution_clock|SystemClock|random_device|gettimeofday)\b")

# Put together here so that this file does not contain them.
MACHINE_PATHS = re.compile(r"(?<![\w.$}/])/(" + "|".join(["root", "work"]) + r")/")

README_LINES = 30
SOURCE_ENDINGS = {".h", ".cc"}
SKIPPED_FOLDERS = re.compile(r"^(\.git|\.cache|build.*|__pycache__|node_modules)$")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def files_of(root):
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if not SKIPPED_FOLDERS.match(name))
        for name in sorted(names):
            path = pathlib.Path(folder, name)
            if path.is_file():
                yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8", errors="replace")


def include_faults(name, text):
    folder = name.split("/")[0]
    for ours, theirs in INCLUDE.findall(text):
        header = ours or theirs
        target = header.split("/")[0]
        if ours and (target not in MAY_INCLUDE or "/" not in header):
            yield f'{name}: includes "{header}", which is not a path from the root'
        elif ours and target != folder and target not in MAY_INCLUDE[folder]:
            yield f"{name}: {folder}/ may not include {target}/ ({header})"
        if folder in ("tests", "bench"):
            continue
        for pattern, allowed in ONLY_SEEN_BY:
            if pattern.match(header) and not allowed.match(name):
                yield f"{name}: may not include {header}; only {allowed.pattern} may"


def purity_faults(name, text):
    for ours, theirs in INCLUDE.findall(text):
        if IMPURE_HEADERS.match(ours or theirs):
            yield f"{name}: an operator may not include {ours or theirs}"
    for word in IMPURE_WORDS.findall(text):
        yield f"{name}: an operator may not use {word}"


def source_faults(root):
    for name, text in files_of(root):
        folder = name.split("/")[0]
        if pathlib.Path(name).suffix not in SOURCE_ENDINGS:
            continue
        if folder not in MAY_INCLUDE:
            yield f"{name}: no C++ belongs in {folder}/; add the folder to the table here if it should"
            continue
        yield from include_faults(name, text)
        if folder == "operators":
            yield from purity_faults(name, text)


def readme_faults(root):
    for folder in sorted({name.split("/")[0] for name, _ in files_of(root) if "/" in name}):
        if folder.startswith("."):
            continue
        readme = pathlib.Path(root, folder, "README.md")
        if not readme.is_file():
            yield f"{folder}/: has no README.md"
        elif (lines := len(readme.read_text(encoding="utf-8").splitlines())) > README_LINES:
            yield f"{folder}/README.md: has {lines} lines; {README_LINES} is the most"


def path_faults(root):
    for name, text in files_of(root):
        for number, line in enumerate(text.splitlines(), start=1):
            if MACHINE_PATHS.search(line):
                yield f"{name}:{number}: names a path of one machine"


class ThisCheckout(unittest.TestCase):
    maxDiff = None

    def test_has_sources_to_check(self):
        folders = {name.split("/")[0] for name, _ in files_of(ROOT) if name.endswith(".cc")}
        self.assertGreaterEqual(folders, {"base", "schemas", "state", "models", "operators", "streams"})

    def test_includes_follow_the_layers(self):
        self.assertEqual(list(source_faults(ROOT)), [])

    def test_every_folder_has_a_short_readme(self):
        self.assertEqual(list(readme_faults(ROOT)), [])

    def test_no_file_names_a_path_of_one_machine(self):
        self.assertEqual(list(path_faults(ROOT)), [])


class TheRules(unittest.TestCase):
    def faults(self, check, name, text):
        """What `check` finds in a tree that holds only this file."""
        with tempfile.TemporaryDirectory() as root:
            path = pathlib.Path(root, name)
            path.parent.mkdir(parents=True)
            path.write_text(text, encoding="utf-8")
            return list(check(root))

    def assert_caught(self, check, name, text):
        self.assertEqual(len(self.faults(check, name, text)), 1, f"{name}: {text}")

    def assert_allowed(self, check, name, text):
        self.assertEqual(self.faults(check, name, text), [])

    def test_an_arrow_up_is_caught(self):
        for name, header in [("base/a.h", "state/table.h"), ("schemas/a.cc", "models/fold_in.h"),
                             ("state/a.cc", "schemas/record.h"), ("models/a.h", "state/table.h"),
                             ("operators/a.cc", "streams/log.h"), ("streams/a.cc", "serve/server.h"),
                             ("serve/a.cc", "streams/log.h"), ("serve/a.cc", "operators/operator.h"),
                             ("apps/a.cc", "tests/testing/process.h")]:
            self.assert_caught(source_faults, name, f'#include "{header}"\n')

    def test_an_arrow_down_is_allowed(self):
        for name, header in [("state/a.cc", "base/status.h"), ("operators/a.cc", "state/table.h"),
                             ("streams/b/c.cc", "operators/operator.h"), ("apps/a.cc", "streams/log.h"),
                             ("tests/state/a.cc", "streams/log.h"), ("state/a.cc", "state/table.h")]:
            self.assert_allowed(source_faults, name, f'#include "{header}"\n')

    def test_an_include_without_its_folder_is_caught(self):
        self.assert_caught(source_faults, "state/a.cc", '#include "table.h"\n')
        self.assert_caught(source_faults, "state/a.cc", '  #  include "../base/status.h"\n')

    def test_third_party_code_is_seen_in_one_place(self):
        for header, allowed, forbidden in [("librdkafka/rdkafka.h", "streams/a.h", "apps/a.cc"),
                                           ("rocksdb/db.h", "state/a.cc", "streams/kafka_log.cc"),
                                           ("rocksdb/db.h", "streams/embedded_log.cc", "apps/a.cc"),
                                           ("boost/beast/http.hpp", "serve/a.cc", "apps/a.cc"),
                                           ("boost/asio.hpp", "serve/a.cc", "streams/a.cc")]:
            self.assert_allowed(source_faults, allowed, f"#include <{header}>\n")
            self.assert_caught(source_faults, forbidden, f"#include <{header}>\n")

    def test_operators_know_neither_threads_nor_sockets_nor_clocks(self):
        for line in ["#include <thread>", "#include <mutex>", "#include <sys/socket.h>", "#include <chrono>",
                     '#include "base/clock.h"', "auto now = SystemClock().NowMs();"]:
            self.assert_caught(source_faults, "operators/a.cc", line + "\n")
            self.assert_allowed(source_faults, "streams/a.cc", line + "\n")

    def test_sources_in_an_unknown_folder_are_caught(self):
        self.assert_caught(source_faults, "extras/a.cc", "")

    def test_a_missing_or_long_readme_is_caught(self):
        self.assert_caught(readme_faults, "state/table.h", "")
        self.assert_caught(readme_faults, "state/README.md", "line\n" * (README_LINES + 1))
        self.assert_allowed(readme_faults, "state/README.md", "line\n" * README_LINES)

    def test_a_machine_path_is_caught(self):
        for folder in ["root", "work"]:
            self.assert_caught(path_faults, "docs/a.md", f"see /{folder}/notes\n")
            self.assert_caught(path_faults, "scripts/a", f'cd "/{folder}/x"\n')
        self.assert_allowed(path_faults, "scripts/a", 'cp "$work/jars" net' + "work/of/" + "root/x\n")


if __name__ == "__main__":
    unittest.main()
