"""Catwalk's user sub-topology beside a Kafka Streams program: in turns, on one broker, over the same events."""

import json
import os
import pathlib
import shutil

from machine import Broker, Failed, last_words, say

INPUTS = ("clicks", "purchases", "activity", "factors")
TARGETS = {
    ("full", "events/s"): "3 times", ("full", "CPU-s per million"): "4 times",
    ("count", "events/s"): "more", ("count", "CPU-s per million"): "3 times",
    ("full", "output bytes"): "within 10 %", ("count", "output bytes"): "within 10 %",
    ("full", "state bytes"): "within 10 %", ("count", "state bytes"): "within 10 %",
}
BUILD_S, LOAD_S, RUN_S = 900, 900, 900

# The work and the sizes of the peer; one configuration for throughput and latency.
CONFIG = """\
kafka: {{bootstrap: "{address}", app: {app}}}
state: {{dir: "{state}"}}
topics:
  partitions: 4
{topics}
users: {{workers: 2, lists: {lists}, reasons: false, design_updates: false, history_limit: 100, seen_limit: 64}}
model: {{history_half_life_days: 0}}
run: {{sub_topologies: users}}
"""
OUR_TOPICS = ("feedback", "profiles", "designs", "design-updates", "model-updates", "design-factors", "model",
              "recommendations", "trends", "lineage", "dead-letters", "users-changelog", "designs-changelog",
              "model-changelog")


class Peer:
    """A copy of the peer, which it builds itself if need be, and its driver, on one broker. `inputs`: what the names of its
    topics begin with."""

    def __init__(self, session, source, broker):
        self.session, self.broker, self.inputs = session, broker, "ks-main-"
        if not os.access(pathlib.Path(source, "run"), os.X_OK):
            raise Failed(f"{source} has no program called run; give --peer the folder of the Kafka Streams peer")
        self.folder = session.path("peer")
        shutil.copytree(source, self.folder)
        for path in (self.folder, *self.folder.rglob("*")):
            path.chmod(path.stat().st_mode | 0o200)

    def topics(self):
        return [word for kind in INPUTS for word in ("--" + kind, self.inputs + kind)]

    def command(self, what, *arguments):
        return [self.folder / "run", *what, *self.topics(), "--brokers", self.broker.address, *map(str, arguments)]

    def driver(self, command, *arguments, limit_s=RUN_S):
        """The last JSON line it prints, if any."""
        printed = self.session.run(self.command(("driver", command), *arguments), limit_s)
        found = [line for line in printed.splitlines() if line.startswith("{")]
        return json.loads(found[-1]) if found else {}

    def load(self, inputs, events):
        say(f"loads {events:,} events into {inputs}*")
        self.inputs, self.events = inputs, events
        self.driver("topics", "--recommendations", "ks-none", "--dead-letters", "ks-none-dead", limit_s=BUILD_S)
        self.driver("preload-factors")
        self.driver("preload-events", "--n", events, limit_s=LOAD_S)


class System:
    """One program that reads the peer's inputs. `name` begins its group's, its topics' and its folder's names."""

    def __init__(self, peer, name):
        self.peer, self.name, self.process = peer, name, None
        self.state = peer.session.path(name)

    def wait(self, catwalk):
        """Until all is processed."""
        topics = ",".join(self.peer.inputs + kind for kind in INPUTS[:3])
        catwalk.bench_load(self.peer.broker.address, "wait", "--group", self.group, "--topics", topics)

    def figures(self):
        """Until all is processed; the driver's figures. It must see the first commits, so the events must not be few."""
        try:
            return self.peer.driver("wait-throughput", "--group", self.group, "--pid", self.process.pid, "--broker-pid",
                                    self.peer.broker.pid, "--timeout", RUN_S - 60)
        except Failed as failure:
            raise Failed(f"{failure}; {self.name} says: {last_words(self.process.log)}; "
                         f"were {self.peer.events:,} events too few?") from None

    def stop(self):
        if self.process:
            self.peer.session.end(self.process, 60)

    def sizes(self, catwalk):
        """Mean bytes of a list and of a user's state, and bytes on the changelog per event."""
        count = self.peer.driver("count", "--recommendations", self.name + "-recommendations", "--id-field", 2)
        found = catwalk.bench_load(self.peer.broker.address, "size", "--begins", self.name, "--ends", "changelog")
        if count["committed_records"] != count["distinct_events"]:
            raise Failed(f"{self.name}: {count['committed_records']} lists of {count['distinct_events']} events")
        return {"output bytes": count["mean_value_bytes"], "state bytes": found["value_bytes"] / max(1, found["records"]),
                "changelog bytes per event": found["all_bytes"] / max(1, count["distinct_events"]),
                "lists": count["committed_records"]}

    def clean(self):
        self.stop()
        self.peer.driver("delete", "--prefix", self.name)
        shutil.rmtree(self.state, ignore_errors=True)


class StreamsSystem(System):
    def start(self, mode, commit_ms="100"):
        self.group = self.name
        outputs = ["--recommendations", self.name + "-recommendations", "--dead-letters", self.name + "-dead-letters"]
        self.peer.driver("topics", *outputs)
        self.process = self.peer.session.start(self.peer.command(("app",), "--mode", mode, "--app-id", self.name,
                                                                 "--state-dir", self.state, "--commit-ms", commit_ms, *outputs))


class CatwalkSystem(System):
    def __init__(self, peer, name, catwalk):
        super().__init__(peer, name)
        self.catwalk = catwalk

    def configure(self, mode):
        names = {kind: self.peer.inputs + kind for kind in INPUTS[:3]} | {t: f"{self.name}-{t}" for t in OUR_TOPICS}
        topics = "\n".join(f"  {kind.replace('-', '_')}: {name}" for kind, name in names.items())
        path = self.peer.session.path("catwalk.yaml")
        path.write_text(CONFIG.format(address=self.peer.broker.address, app=self.name, state=self.state, topics=topics,
                                      lists="plain" if mode == "full" else "latest"))
        return path

    def start(self, mode):
        self.group = self.name + "-users"
        config = self.configure(mode)
        self.catwalk("topics", "--create", "-c", config)
        self.catwalk.bench_load(self.peer.broker.address, "factors", "--from", self.peer.inputs + "factors", "--to",
                                self.name + "-design-factors")
        self.process = self.catwalk.start("run", "-c", config, "--http", "127.0.0.1:0")


def throughput(system, catwalk, mode):
    try:
        system.start(mode)
        found = system.figures()
        system.stop()
        sizes = system.sizes(catwalk)
    finally:
        system.stop()
    system.clean()
    return {"events/s": found["events_per_s"], "steady events/s": found["steady_events_per_s"],
            "CPU-s per million": found["cpu_s_per_million"],
            "steady CPU-s per million": found["steady_cpu_s_per_million"],
            "steady broker CPU-s per million": found["steady_broker_cpu_s_per_million"],
            "peak MiB": found["peak_rss_mib"], **sizes}


def latency(system, catwalk, options, **how):
    """Milliseconds by rate."""
    figures = {}
    try:
        system.start(options.mode, **how)
        system.wait(catwalk)
        for rate in filter(None, options.rates.split(",")):
            found = system.peer.driver("latency", "--rate", rate, "--seconds", options.seconds, "--pid", system.process.pid,
                                       "--broker-pid", system.peer.broker.pid, "--recommendations",
                                       system.name + "-recommendations", "--id-field", 2)
            figures[rate] = found
    finally:
        system.stop()
    system.clean()
    return figures


def compare_latency(peer, catwalk, options, add):
    peer.load("ks-lat-", min(options.events, 20_000))
    say("latency of catwalk")
    ours = latency(CatwalkSystem(peer, "cw-lat", catwalk), catwalk, options)
    for commit_ms in filter(None, options.commit_ms.split(",")):
        say(f"latency of the peer that commits every {commit_ms} ms")
        theirs = latency(StreamsSystem(peer, "ks-app-lat-" + commit_ms), catwalk, options, commit_ms=commit_ms)
        for rate, found in theirs.items():
            for figure in ("p50_ms", "p99_ms", "missing"):
                name = f"latency at {int(rate):,}/s, peer's commit {commit_ms} ms: {figure.replace('_', ' ')}"
                add(name, "peer", found[figure])
                add(name, "catwalk", ours[rate][figure])


def compare(catwalk, options):
    """Figures of every run by name and side ("peer", "catwalk")."""
    figures = {}

    def add(name, side, value):
        figures.setdefault(name, {}).setdefault(side, []).append(value)

    with Broker(catwalk.session) as broker:
        peer = Peer(catwalk.session, options.peer, broker)
        peer.load("ks-main-", options.events)
        for number in range(1, options.runs + 1):
            for system in (StreamsSystem(peer, f"ks-app-{number}"), CatwalkSystem(peer, f"cw-{number}", catwalk)):
                side = "peer" if isinstance(system, StreamsSystem) else "catwalk"
                say(f"{options.mode}, {side}, run {number} of {options.runs}")
                for name, value in throughput(system, catwalk, options.mode).items():
                    add(name, side, value)
        if options.rates:
            compare_latency(peer, catwalk, options, add)
    return figures
