"""How good the lists are that `catwalk run` really wrote: at the pace it serves, with several partitions, from the topic they are on.
Before each rental its user does something that names no design, which is answered with a list; the rental is looked for on that."""

import argparse
import collections
import csv
import datetime
import itertools
import json
import os
import re
import time

import machine
import runs
import sample

PROFILE = {"body_type": "body_type", "height": "height_in", "weight": "weight_lbs", "bust_band": "bust_size_num",
           "bust_cup": "bust_size_letter", "age": "age"}
LONGEST_WAIT_S = 600


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("file", help="rentals as in docs/quality.md, in the order of time; .xz or plain")
    add("--rows", type=int, help="only so many, from the first on")
    add("--rate", type=int, default=2000, help="lines sent a second (default 2000)")
    add("--partitions", type=int, default=4)
    add("--warmup", type=float, default=0.3, help="share of the rentals that is not tested (default 0.3)")
    add("--k", type=int, default=10, help="length of the lists as served")
    add("--ahead", type=int, default=100, help="rentals by which a question, and the profile before it, is sent ahead (default 100)")
    return parser.parse_args()


def lines_of(rows, ahead):
    """What is sent, in order. Topics travel side by side, so what must come first is sent well ahead: what is new of the user and the
    design, then the question, then the rental and how it fitted."""
    told, asked = collections.deque(), collections.deque()
    for new, question, rental in itertools.chain(events_of(rows), itertools.repeat(([], [], []), 2 * ahead)):
        yield from new
        told.append(question)
        asked.append(rental)
        if len(told) > ahead:
            yield from told.popleft()
        if len(asked) > 2 * ahead:
            yield from asked.popleft()


def events_of(rows):
    profiles, known, last, at_ms = {}, set(), None, 0
    for number, row in enumerate(rows):
        start = int(datetime.datetime.fromisoformat(row["review_date"]).replace(tzinfo=datetime.timezone.utc).timestamp() * 1000)
        at_ms = start if row["review_date"] != last else at_ms + 2
        last = row["review_date"]
        user, design, new = row["user_id"], row["item_id"], []
        profile = {name: row[column] for name, column in PROFILE.items() if row[column]}
        if profile and profiles.get(user) != profile:
            profiles[user] = profile
            new.append({"topic": "profiles", "user_id": user, "occurred_at_ms": at_ms, "event_id": f"profile-{number}", **numbers(profile)})
        if design not in known:
            known.add(design)
            new.append({"topic": "designs", "design_id": design, "occurred_at_ms": at_ms, "event_id": f"design-{number}",
                        "category": row["category"], "released_at_ms": at_ms + 1})
        event = {"user_id": user, "occurred_at_ms": at_ms}
        question = [{"topic": "activity", "event_id": f"ask-{number}", **event}]
        event.update(design_id=design, occurred_at_ms=at_ms + 1)
        rental = [{"topic": "purchases", "event_id": f"rental-{number}", "kind": "rental", "size": row["size"], **event}]
        if row["fit"]:
            rental.append({"topic": "feedback", "event_id": f"fit-{number}", "fit": {"fit": "true"}.get(row["fit"], row["fit"]), **event})
        yield new, question, rental


def numbers(profile):
    return {name: float(value) if re.fullmatch(r"[0-9.]+", value) else value for name, value in profile.items()}


class Served:
    """A catwalk that runs on an embedded log of its own."""

    def __init__(self, session, partitions):
        self.session, self.state = session, session.path("state")
        self.program = os.environ.get("CATWALK") or machine.ROOT / "build/release/apps/catwalk"
        self.environment = {**os.environ, "CATWALK_TOPICS_PARTITIONS": str(partitions)}
        self.running = runs.Running(self.session.start([self.program, "run", "--state-dir", self.state, "--http", "127.0.0.1:0"],
                                                       env=self.environment))

    def send(self, file, rate):
        self.session.run([self.program, "replay", file, "--http", self.running.http(), "--rate", rate], runs.RUN_S)

    def stop_after(self, records):
        """When the users' tasks have processed so many. What they have not committed yet, stopping does."""
        deadline = time.monotonic() + LONGEST_WAIT_S
        while (processed := self.running.total("catwalk_records_in_total{", '"users"')) < records:
            if time.monotonic() > deadline:
                raise machine.Failed(f"only {processed:.0f} of {records} records were processed within {LONGEST_WAIT_S} s")
            time.sleep(0.2)
        self.session.end(self.running.process)

    def lists(self):
        """The designs of each, by the event that it answers."""
        command = [self.program, "tail", "recommendations", "--from-beginning", "--until-end", "--json", "--state-dir", self.state]
        answers = map(json.loads, self.session.lines(command))
        return {answer["event_id"]: [item["design_id"] for item in answer.get("items", [])] for answer in answers}


def recall(rows, lists, options):
    """Of all tested rentals, and of those of users with an earlier one: as catwalk evaluate counts with --exclude-seen."""
    had, hits = {}, {"all": [], "warm": []}
    for number, row in enumerate(rows):
        before = had.setdefault(row["user_id"], set())
        if number >= int(options.warmup * len(rows)) and row["item_id"] not in before:
            hit = row["item_id"] in lists[f"ask-{number}"][:options.k]
            hits["all"].append(hit)
            if before:
                hits["warm"].append(hit)
        before.add(row["item_id"])
    return {users: (len(found), sum(found) / max(len(found), 1)) for users, found in hits.items()}


def main():
    options = parse()
    with sample.open_text(options.file) as text:
        rows = list(itertools.islice(csv.DictReader(text, delimiter="\t"), options.rows))
    lines = list(lines_of(rows, options.ahead))
    with machine.Session() as session:
        events = session.path("events.jsonl")
        events.write_text("".join(json.dumps(line) + "\n" for line in lines))
        served = Served(session, options.partitions)
        served.send(events, options.rate)
        served.stop_after(sum(line["topic"] != "designs" for line in lines))
        lists = served.lists()
    for users, (tested, share) in recall(rows, lists, options).items():
        print(f"Recall@{options.k} of {users}: {share:.4f} ({tested:,} tested)")


if __name__ == "__main__":
    main()
