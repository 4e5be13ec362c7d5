"""The runs of Catwalk alone. Each returns one figure per name; medians are taken by bench.py."""

import json
import re
import shutil
import subprocess
import time
import urllib.request

from machine import Broker, Failed, say

RESTORED = re.compile(r"(\S+)/\d+: restored, replayed (\d+) changelog records in ([\d.]+) s")
START_S, RUN_S = 60, 1800


def check_lists(catwalk, where, expected):
    """Every event has exactly one list."""
    command = [catwalk.program, "tail", "recommendations", "--from-beginning", "--until-end", "--json", *where]
    ids, lists = set(), 0
    for line in catwalk.session.lines(command, RUN_S):
        ids.add(json.loads(line)["event_id"])
        lists += 1
    if lists != expected or len(ids) != expected:
        raise Failed(f"{lists} lists of {len(ids)} events where {expected} were due")
    return lists


def whole_run(catwalk, sample, where):
    catwalk("replay", *sample.replay_flags(), *where)
    usage = catwalk.measure("run", "--until-end", "--workers", 2, *where)
    return {"events/s": sample.rows / usage.wall_s, "CPU-s per million": usage.cpu_s / sample.rows * 1e6,
            "peak MiB": usage.peak_mib}


def embedded(catwalk, options):
    where = ["--state-dir", catwalk.session.path("state")]
    figures = whole_run(catwalk, options.sample, where)
    figures["lists"] = check_lists(catwalk, where, options.sample.rows)
    shutil.rmtree(where[1])
    return figures


def kafka(catwalk, options):
    state = catwalk.session.path("state")
    with Broker(catwalk.session) as broker:
        where = ["--kafka", broker.address]
        catwalk("topics", "--create", *where)
        catwalk("replay", *options.sample.replay_flags(), *where)
        before = broker.cpu_s()
        usage = catwalk.measure("run", "--until-end", "--workers", 2, *where, "--state-dir", state)
        rows, broker_s = options.sample.rows, broker.cpu_s() - before
        lists = check_lists(catwalk, where, rows)
    shutil.rmtree(state)
    return {"events/s": rows / usage.wall_s, "CPU-s per million": usage.cpu_s / rows * 1e6,
            "broker CPU-s per million": broker_s / rows * 1e6, "peak MiB": usage.peak_mib, "lists": lists}


class Running:
    """`catwalk run` in the background, with --http."""

    def __init__(self, process):
        self.process, self.log = process, process.log

    def http(self):
        """Where it serves."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self.process.poll() is None:
            found = re.search(r"HTTP on (http://\S+)", open(self.log).read())
            if found:
                return found[1]
            time.sleep(0.05)
        raise Failed(f"catwalk run does not start; see what it says: {open(self.log).read()[-300:]}")

    def total(self, metric, label=""):
        """The sum over the series of a metric whose labels hold a word."""
        with urllib.request.urlopen(self.http() + "/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(metric) and label in line)


class RunningOnBroker(Running):
    def __init__(self, catwalk, broker, state):
        self.catwalk, self.address = catwalk, broker.address
        # A name that outlives the state folder, as a pod has one: its tasks come back to it at once.
        super().__init__(catwalk.start("run", "--workers", 2, "--kafka", broker.address, "--state-dir", state, "--http",
                                       "127.0.0.1:0", CATWALK_RUN_INSTANCE="bench"))

    def wait_until_idle(self, limit_s=900):
        """Until all events are processed, and what they caused is as well."""
        self.catwalk.bench_load(self.address, "wait", "--group", "catwalk-users", "--topics", "clicks", "--timeout", limit_s)
        deadline = time.monotonic() + limit_s
        while self.total("catwalk_lag_records") > 0:
            if time.monotonic() > deadline:
                raise Failed("catwalk still lags behind after all events were processed; see catwalk_lag_records")
            time.sleep(0.1)

    def restored(self):
        """Changelog records replayed by the user tasks, and the seconds of the slowest."""
        found = [m for m in RESTORED.findall(open(self.log).read()) if m[0].endswith("users")]
        return sum(int(m[1]) for m in found), max((float(m[2]) for m in found), default=0.0)


def latency(catwalk, options):
    with Broker(catwalk.session) as broker:
        catwalk("topics", "--create", "--kafka", broker.address)
        catwalk.bench_load(broker.address, "load", "--count", options.warm_events)
        running = RunningOnBroker(catwalk, broker, catwalk.session.path("state"))
        running.wait_until_idle()
        traffic = ("latency", "--rate", options.rate)
        catwalk.bench_load(broker.address, *traffic, "--seconds", options.broker_seconds, "--prefix", "before-", "--seed", 3)
        found = catwalk.bench_load(broker.address, *traffic, "--seconds", options.seconds, "--prefix", "latency-", "--seed", 2)
        catwalk.session.end(running.process)
    if found["missing"] or found["repeated"]:
        raise Failed(f"{found['missing']} lists are missing and {found['repeated']} are repeated")
    return {"p50 ms": found["p50_ms"], "p90 ms": found["p90_ms"], "p99 ms": found["p99_ms"], "max ms": found["max_ms"],
            "sent/s": found["sent_per_s"]}


def time_to_first_list(catwalk, broker, state, prefix):
    """Appends an event while nothing runs, then starts catwalk. Returns it, and seconds until the event's list is read."""
    probe = catwalk.session.start([catwalk.load, "--kafka", broker.address, "first", "--prefix", prefix, "--timeout", 300],
                                  stdout=subprocess.PIPE)
    if probe.stdout.readline().strip() != "sent":
        raise Failed("the event that a restart waits for could not be sent")
    began = time.time()
    running = RunningOnBroker(catwalk, broker, state)
    answer = probe.stdout.readline()
    catwalk.session.end(probe)
    if not answer:
        raise Failed(f"no list came after a restart; see what catwalk says: {open(running.log).read()[-300:]}")
    return running, json.loads(answer)["seen_at_ms"] / 1000 - began


def restart(catwalk, options):
    state = catwalk.session.path("state")
    with Broker(catwalk.session) as broker:
        catwalk("topics", "--create", "--kafka", broker.address)
        catwalk.bench_load(broker.address, "load", "--each-user", "--users", options.users, "--count", options.users)
        running = RunningOnBroker(catwalk, broker, state)
        running.wait_until_idle()
        catwalk.session.kill(running.process)
        running, kept_s = time_to_first_list(catwalk, broker, state, "kept-")
        tail, _ = running.restored()
        catwalk.session.kill(running.process)
        shutil.rmtree(state)
        running, lost_s = time_to_first_list(catwalk, broker, state, "lost-")
        records, restore_s = running.restored()
        catwalk.session.end(running.process)
    shutil.rmtree(state)
    if restore_s <= 0:
        say("restart: the log does not say how long the restore took")
    return {"folder kept: s to first list": kept_s, "folder kept: records replayed": tail,
            "folder lost: s to first list": lost_s, "folder lost: records restored": records,
            "folder lost: s to restore": restore_s, "folder lost: records/s": records / restore_s if restore_s else 0.0}


ALL = {"embedded": embedded, "kafka": kafka, "latency": latency, "restart": restart}
