"""What runs take of the machine: folders, processes and brokers, all ended by their pid; figures from /proc and rusage."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BROKER = ROOT / "tests/testing/broker/broker"
TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """A run that cannot be measured; the message is one line."""


def say(text):
    print("bench: " + text, file=sys.stderr, flush=True)


def describe():
    """CPU, cores and memory in one line."""
    cpu = [line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    memory = next(int(line.split()[1]) for line in open("/proc/meminfo") if line.startswith("MemTotal"))
    return f"{cpu[0] if cpu else 'unknown CPU'}, {len(os.sched_getaffinity(0))} cores, {memory / 2**20:.0f} GiB"


def cpu_seconds(pid):
    """User and system time of a living process so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def last_words(path):
    lines = pathlib.Path(path).read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


class Usage:
    """What a process that has ended took: seconds of wall clock and of CPU, MiB at its peak."""

    def __init__(self, wall_s, usage):
        self.wall_s = wall_s
        self.cpu_s = usage.ru_utime + usage.ru_stime
        self.peak_mib = usage.ru_maxrss / 1024


class Session:
    """A temporary folder and what was started; both are gone at the end, also after ^C or SIGTERM."""

    def __enter__(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda n, _: sys.exit(128 + n))
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="catwalk-bench-"))
        self.processes, self.brokers, self.names = [], [], 0
        return self

    def __exit__(self, *_):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for process in self.processes:
            self.end(process)
        for broker in list(self.brokers):
            broker.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        """A path nothing is at yet."""
        self.names += 1
        return self.folder / f"{self.names}-{name}"

    def start(self, command, log=None, **options):
        """Starts a process in a session of its own; it does not outlive this one. `log` gets what it says on stderr."""
        options.setdefault("stdout", subprocess.DEVNULL)
        with open(log or self.path("log"), "ab") as errors:
            process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *map(str, command)], start_new_session=True,
                                       stdin=subprocess.DEVNULL, stderr=errors, text=True, **options)
        process.log = errors.name
        self.processes.append(process)
        return process

    def end(self, process, patience_s=20):
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGTERM)  # what it started is in its session
            try:
                process.wait(patience_s)
            except subprocess.TimeoutExpired:
                self.kill(process)
        if process.stdout:
            process.stdout.close()

    def kill(self, process):
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def run(self, command, limit_s=600, **options):
        """Runs to the end and returns what it printed."""
        process = self.start(command, stdout=subprocess.PIPE, **options)
        try:
            printed, _ = process.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            self.end(process)
            raise Failed(f"{command[0]} took more than {limit_s} s") from None
        self.check(command, process)
        return printed

    def lines(self, command, limit_s=600):
        """Runs to the end, yielding each line printed."""
        process = self.start(command, stdout=subprocess.PIPE)
        with self.limit(process, limit_s):
            yield from process.stdout
            process.wait()
        self.check(command, process)

    def measure(self, command, limit_s=1800, **options):
        """Runs to the end and returns its Usage."""
        began = time.monotonic()
        process = self.start(command, **options)
        with self.limit(process, limit_s):
            _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        self.check(command, process)
        return Usage(wall_s, usage)

    @staticmethod
    @contextlib.contextmanager
    def limit(process, seconds):
        """Kills the process unless the block ends before."""
        timer = threading.Timer(seconds, lambda: os.killpg(process.pid, signal.SIGKILL))
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    @staticmethod
    def check(command, process):
        if process.returncode != 0:
            name = " ".join(map(str, command[:3]))
            raise Failed(f"{name} ended with {process.returncode}: {last_words(process.log)}")


class Broker:
    """A fresh Apache Kafka on loopback."""

    def __init__(self, session):
        self.session, self.folder = session, session.path("broker")
        self.process = session.start([BROKER, "run", self.folder])
        session.brokers.append(self)
        self.address = session.run([BROKER, "wait", self.folder], 200).strip()

    @property
    def pid(self):
        return self.process.pid  # the script becomes the broker

    def cpu_s(self):
        return cpu_seconds(self.pid)

    def stop(self):
        if self not in self.session.brokers:
            return
        self.session.brokers.remove(self)
        self.session.end(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Catwalk:
    """The programs that are measured and that measure."""

    def __init__(self, session, settings):
        """settings: variables of the environment that programs get; others of ours they do not."""
        self.session = session
        release = ROOT / "build/release"
        self.program = os.environ.get("CATWALK") or release / "apps/catwalk"
        self.load = os.environ.get("BENCH_LOAD") or release / "bench/bench_load"
        for path in (self.program, self.load):
            if not os.access(path, os.X_OK):
                raise Failed(f"{path} is not there; run scripts/bench")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("CATWALK_") or k == "CATWALK_CACHE"}
        self.environment.update(settings)

    def __call__(self, *arguments, limit_s=1800):
        return self.session.run([self.program, *arguments], limit_s, env=self.environment)

    def measure(self, *arguments):
        return self.session.measure([self.program, *arguments], env=self.environment)

    def start(self, *arguments, **variables):
        return self.session.start([self.program, *arguments], env={**self.environment, **variables})

    def bench_load(self, address, *arguments, limit_s=900):
        """Its result, if it prints one."""
        printed = self.session.run([self.load, "--kafka", address, *arguments], limit_s)
        return json.loads(printed) if printed else {}
