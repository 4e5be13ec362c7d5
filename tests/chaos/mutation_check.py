"""Which test notices which deliberate fault: builds the program with all of streams/mutation.h, switches on one after the other and
runs the tests until one fails. Prints a table; fails if a fault goes unnoticed or a test fails without one.

Run as `mutation_check.py [--build DIR] [--all] [MUTATION…]`; --all runs every test, not only up to the first that notices. The broker is
the one that CATWALK_TEST_KAFKA names, or one of each test's own.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MOST_SECONDS = 300

# In the order they are tried: quick ones first, then all of them.
TESTS = [
    ("workers", "tests/streams/workers_test", []),
    ("a round of crashes, embedded log", "tests/chaos/chaos_test", ["--gtest_filter=CrashSuite.EmbeddedLog"]),
    ("a round of crashes, Kafka", "tests/chaos/chaos_test", ["--gtest_filter=CrashSuite.Kafka"]),
    ("crashes, embedded log", "tests/chaos/chaos_test", ["--gtest_filter=CrashSuite.EmbeddedLog"]),
    ("crashes, Kafka", "tests/chaos/chaos_test", ["--gtest_filter=CrashSuite.Kafka"]),
    ("faults", "tests/chaos/chaos_test", ["--gtest_filter=Faults.*:BrokerFaults.OfLateMarkers*"]),
    ("faults of the network", "tests/chaos/chaos_test", ["--gtest_filter=NetworkFaults.*"]),
    ("transport", "tests/streams/kafka_log_test", []),
]


def mutations():
    names = re.search(r"kNames\{(.*?)\}", (ROOT / "streams/mutation.cc").read_text(), re.DOTALL).group(1)
    return re.findall(r'"([a-z-]+)"', names)


def build(folder):
    configure = ["cmake", "--preset", "release", "-B", folder, "-DCATWALK_MUTATIONS=ON"]
    subprocess.run(configure, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    targets = sorted({binary.rsplit("/", 1)[1] for _, binary, _ in TESTS})
    subprocess.run(["ninja", "-C", folder, *targets], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def first_failure(output):
    """What a failing test says first."""
    lines = [line.strip() for line in output.splitlines()]
    for at, line in enumerate(lines):
        if re.search(r": Failure$", line):
            return next((text for text in lines[at + 1:] if text and text != "Failed"), "")
    return lines[-1] if lines else ""


def run(folder, name, binary, args, mutation):
    """Nothing if the test passes, else what it says."""
    environment = dict(os.environ, CATWALK_MUTATION=mutation)
    if name.startswith("a round"):
        environment["CATWALK_CHAOS_SEED"] = "1"
    try:
        done = subprocess.run([pathlib.Path(folder, binary), *args], env=environment, text=True, errors="replace", timeout=MOST_SECONDS,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    except subprocess.TimeoutExpired:
        return f"not done after {MOST_SECONDS} s"
    return None if done.returncode == 0 else first_failure(done.stdout) or f"exit code {done.returncode}"


def check(folder, mutation, run_all):
    noticed = []
    for name, binary, args in TESTS:
        said = run(folder, name, binary, args, mutation)
        if said is None:
            continue
        noticed.append(name)
        print(f"| {mutation or 'none'} | {name} | {said[:110]} |", flush=True)
        if not run_all:
            break
    return noticed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default=str(ROOT / "build/mutated"))
    parser.add_argument("--all", action="store_true")
    parser.add_argument("mutations", nargs="*", metavar="MUTATION")
    flags = parser.parse_args()
    build(flags.build)
    print("| fault | noticed by | which says first |\n|---|---|---|", flush=True)
    unnoticed = [name for name in flags.mutations or mutations() if not check(flags.build, name, flags.all)]
    for name in unnoticed:
        print(f"| {name} | nothing | |")
    false_alarms = [] if flags.mutations else check(flags.build, "", True)
    print(f"{len(unnoticed)} unnoticed, {len(false_alarms)} tests fail without a fault")
    sys.exit(1 if unnoticed or false_alarms else 0)


if __name__ == "__main__":
    main()
