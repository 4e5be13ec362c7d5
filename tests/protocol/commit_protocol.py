"""The commit protocol on Kafka as a finite machine, small enough to visit every state it can be in.

Two processes share one task over INPUTS records. A commit is: produce output and changelog record, send the offsets, commit,
write the local state (docs/life-of-a-record.md). At every step a process may die, lose its disk, be stopped while its task goes
to the other one, or have its transaction timed out; markers of a commit reach the changelog and the offsets each in their own time.
At most `faults` of these happen in a run; between them everything may happen in any order.

What is modelled of the broker: transactions with their markers, last stable offsets, offsets that a transaction holds back
(OffsetFetch with require_stable), and the refusal of offsets of an old generation (KIP-447). What is not: partitions, batches,
several tasks, the loss of acknowledged records.

A `Mutation` leaves one safeguard out; commit_protocol_test.py shows that each of them breaks an invariant, so the invariants would
notice if the program lost one.
"""

import collections
import enum

INPUTS = 2
PROCESSES = (0, 1)


class Mutation(enum.Enum):
    OFFSETS_OUTSIDE = "offsets are committed on their own, after the transaction"
    LOCAL_FIRST = "the local state is written before the transaction is committed"
    KEEP_OVERLAY = "what an aborted transaction computed is kept"
    NO_GENERATION = "offsets of an old generation are taken"
    LATE_GENERATION = "the generation is read when offsets are sent, not when the transaction begins"
    UNSTABLE_OFFSETS = "offsets are read without waiting for transactions that hold them back"
    STOP_AT_STABLE = "a restore stops at the last stable offset, and does not compare offsets"
    REUSE_UNASKED = "a task that comes back goes on with what it has in memory"
    LOCAL_ALONE = "after a crash the local state is taken without the changelog's tail"


# A transaction. status: open, decided (commit is certain, markers are on their way), aborted.
Txn = collections.namedtuple("Txn", "process status offset offset_marker changelog_marker")
# Records of the changelog and of the output, which go together here: state after, next input offset.
Entry = collections.namedtuple("Entry", "txn input state offset")
# What a process has on disk: state, offset, and how much of the log it has applied.
Disk = collections.namedtuple("Disk", "state offset applied")
EMPTY = Disk((), 0, 0)
# phase: down, started, ready, processed, produced, sent, committed. generation: the last in which it had the task, 0: none;
# began_in: the generation it read when its transaction began.
Process = collections.namedtuple("Process", "phase state offset overlay txn disk generation began_in")
Broker = collections.namedtuple("Broker", "log txns offset owner generation")
World = collections.namedtuple("World", "broker processes faults")

DOWN = Process("down", (), 0, None, None, EMPTY, 0, 0)


class Violation(Exception):
    """An invariant does not hold."""


def replace(items, at, item):
    return items[:at] + (item,) + items[at + 1:]


class Protocol:
    def __init__(self, faults, mutation=None):
        self.faults = faults
        self.mutation = mutation

    def without(self, mutation):
        return self.mutation == mutation

    def start(self):
        return World(Broker((), (), 0, None, 0), tuple(DOWN for _ in PROCESSES), self.faults)

    # What can happen next: (what, world) pairs.

    def steps(self, world):
        for number in PROCESSES:
            yield from self.process_steps(world, number)
            if world.faults > 0:
                yield from self.fault_steps(world, number)
        yield from self.broker_steps(world)

    def process_steps(self, world, number):
        process = world.processes[number]
        step = getattr(self, "from_" + process.phase)
        after = step(world, number, process)
        if after is not None:
            yield f"{number}: from {process.phase}", after

    def with_process(self, world, number, process, broker=None):
        return world._replace(processes=replace(world.processes, number, process), broker=broker or world.broker)

    def from_down(self, world, number, process):
        """Aborts what it left open and joins the group. Waits for a commit of its own that is decided."""
        broker = world.broker
        for at, txn in enumerate(broker.txns):
            if txn.process != number:
                continue
            if self.on_its_way(txn):
                return None
            if txn.status == "open":
                broker = broker._replace(txns=replace(broker.txns, at, txn._replace(status="aborted")))
        return self.with_process(world, number, process._replace(phase="started"), broker)

    def assign(self, world, number):
        generation = world.broker.generation + 1
        process = world.processes[number]._replace(generation=generation)
        return self.with_process(world, number, process, world.broker._replace(owner=number, generation=generation))

    @staticmethod
    def has_task(world, number):
        return world.broker.owner == number

    def from_started(self, world, number, process):
        """Takes a task that nobody has; from one that is alive it would be a fault, and counted as such. With it, restores to
        the end of the changelog, and starts only where the group's offset says the same."""
        broker = world.broker
        if broker.owner is None:
            return self.assign(world, number)
        if not self.has_task(world, number):
            return None
        if not self.without(Mutation.UNSTABLE_OFFSETS) and any(self.holds_offset(txn) for txn in broker.txns):
            return None
        end = len(broker.log)
        for at, entry in enumerate(broker.log):
            if self.blocks_changelog(broker.txns[entry.txn]):
                if not self.without(Mutation.STOP_AT_STABLE):
                    return None
                end = at
                break
        state, offset = process.disk.state, process.disk.offset
        if not self.without(Mutation.LOCAL_ALONE):
            for entry in broker.log[process.disk.applied:end]:
                if broker.txns[entry.txn].status == "decided":
                    state, offset = entry.state, entry.offset
        if self.without(Mutation.LOCAL_ALONE) or self.without(Mutation.STOP_AT_STABLE):
            offset = broker.offset
        elif self.without(Mutation.OFFSETS_OUTSIDE) or self.without(Mutation.UNSTABLE_OFFSETS):
            offset = broker.offset  # whoever has those also trusts the group alone
        elif offset != broker.offset:
            return None
        applied = max(end, process.disk.applied)
        disk = process.disk._replace(state=state, offset=offset, applied=applied)
        return self.with_process(world, number, process._replace(phase="ready", state=state, offset=offset, disk=disk))

    def from_ready(self, world, number, process):
        if process.offset == INPUTS:
            return None
        overlay = process.state + (process.offset,)
        return self.with_process(world, number, process._replace(phase="processed", overlay=overlay, began_in=process.generation))

    def from_processed(self, world, number, process):
        broker = world.broker
        txn = len(broker.txns)
        entry = Entry(txn, process.offset, process.overlay, process.offset + 1)
        broker = broker._replace(txns=broker.txns + (Txn(number, "open", None, False, False),), log=broker.log + (entry,))
        return self.with_process(world, number, process._replace(phase="produced", txn=txn), broker)

    def from_produced(self, world, number, process):
        """The offsets join the transaction, if the member is of the present generation."""
        broker = world.broker
        txn = broker.txns[process.txn]
        if txn.status != "open":
            return self.abort(world, number)
        if self.without(Mutation.OFFSETS_OUTSIDE):
            return self.with_process(world, number, process._replace(phase="sent"))
        told = process.generation if self.without(Mutation.LATE_GENERATION) else process.began_in
        if told != broker.generation and not self.without(Mutation.NO_GENERATION):
            return self.abort(world, number)
        broker = broker._replace(txns=replace(broker.txns, process.txn, txn._replace(offset=process.offset + 1)))
        return self.with_process(world, number, process._replace(phase="sent"), broker)

    def from_sent(self, world, number, process):
        broker = world.broker
        txn = broker.txns[process.txn]
        if self.without(Mutation.LOCAL_FIRST):
            disk = Disk(process.overlay, process.offset + 1, len(broker.log))
            process = process._replace(disk=disk)
        if txn.status != "open":
            return self.abort(self.with_process(world, number, process), number)
        broker = broker._replace(txns=replace(broker.txns, process.txn, txn._replace(status="decided")))
        return self.with_process(world, number, process._replace(phase="committed"), broker)

    def from_committed(self, world, number, process):
        broker = world.broker
        if self.without(Mutation.OFFSETS_OUTSIDE):
            broker = broker._replace(offset=process.offset + 1)
        # Its own records are the last it knows of; what others wrote behind them it has not seen.
        applied = 1 + max(at for at, entry in enumerate(broker.log) if entry.txn == process.txn)
        disk = Disk(process.overlay, process.offset + 1, applied)
        process = process._replace(phase="ready", state=disk.state, offset=disk.offset, overlay=None, txn=None, disk=disk)
        return self.with_process(world, number, self.ask_anew_if_given_again(process), broker)

    def ask_anew_if_given_again(self, process):
        """Someone else may have had the task in between."""
        again = process.generation != process.began_in and not self.without(Mutation.REUSE_UNASKED)
        return process._replace(phase="started") if again else process

    def abort(self, world, number):
        process = world.processes[number]
        txn = world.broker.txns[process.txn]
        txns = replace(world.broker.txns, process.txn, txn._replace(status="aborted"))
        state = process.overlay if self.without(Mutation.KEEP_OVERLAY) else process.state
        offset = process.offset + 1 if self.without(Mutation.KEEP_OVERLAY) else process.offset
        process = process._replace(phase="ready", state=state, offset=offset, overlay=None, txn=None)
        process = self.ask_anew_if_given_again(process)
        if not self.has_task(world, number):
            process = process._replace(phase="started")  # the refusal says so
        return self.with_process(world, number, process, world.broker._replace(txns=txns))

    def fault_steps(self, world, number):
        process = world.processes[number]
        world = world._replace(faults=world.faults - 1)
        if process.phase != "down":
            for disk, what in ((process.disk, "dies"), (EMPTY, "dies and loses its disk")):
                dead = DOWN._replace(disk=disk)
                broker = world.broker._replace(owner=None if world.broker.owner == number else world.broker.owner)
                yield f"{number}: {what}", self.with_process(world, number, dead, broker)
        if process.txn is not None and world.broker.txns[process.txn].status == "open":
            txn = world.broker.txns[process.txn]
            broker = world.broker._replace(txns=replace(world.broker.txns, process.txn, txn._replace(status="aborted")))
            yield f"{number}: its transaction times out", self.with_process(world, number, process, broker)
        if process.phase != "down" and world.broker.owner not in (None, number):
            yield f"{number}: gets the task from one that does not notice", self.take_over(world, number)

    def take_over(self, world, number):
        """The other one is stopped or cut off. The taker asks anew what is committed, unless it is mutated."""
        process = world.processes[number]
        if process.phase == "ready" and not self.without(Mutation.REUSE_UNASKED):
            world = self.with_process(world, number, process._replace(phase="started"))
        return self.assign(world, number)

    def broker_steps(self, world):
        for at, txn in enumerate(world.broker.txns):
            if txn.status == "decided" and not txn.changelog_marker:
                marked = txn._replace(changelog_marker=True)
                yield f"marker {at} on the changelog", self.with_txn(world, at, marked)
            if txn.status == "decided" and txn.offset is not None and not txn.offset_marker:
                marked = txn._replace(offset_marker=True)
                yield f"marker {at} on the offsets", self.with_txn(world, at, marked, txn.offset)
            owner = world.processes[txn.process]
            if txn.status == "open" and (owner.phase == "down" or owner.txn != at):
                yield f"transaction {at} of a dead process times out", self.with_txn(world, at, txn._replace(status="aborted"))

    def with_txn(self, world, at, txn, offset=None):
        broker = world.broker._replace(txns=replace(world.broker.txns, at, txn))
        return world._replace(broker=broker if offset is None else broker._replace(offset=offset))

    @staticmethod
    def on_its_way(txn):
        return txn.status == "decided" and not (txn.changelog_marker and (txn.offset is None or txn.offset_marker))

    @staticmethod
    def holds_offset(txn):
        return txn.offset is not None and (txn.status == "open" or txn.status == "decided" and not txn.offset_marker)

    @staticmethod
    def blocks_changelog(txn):
        return txn.status == "open" or txn.status == "decided" and not txn.changelog_marker

    # What must hold in every state.

    def check(self, world):
        decided = [entry for entry in world.broker.log if world.broker.txns[entry.txn].status == "decided"]
        inputs = [entry.input for entry in decided]
        if inputs != list(range(len(inputs))):
            raise Violation(f"outputs are committed for inputs {inputs}: each once, in order, is promised")
        for entry in decided:
            if entry.state != tuple(range(entry.offset)):
                raise Violation(f"the changelog has state {entry.state} at offset {entry.offset}")
        if world.broker.offset > len(inputs):
            raise Violation(f"the group is at {world.broker.offset} with {len(inputs)} outputs committed")
        for number, process in enumerate(world.processes):
            self.check_process(number, process, len(inputs))

    @staticmethod
    def check_process(number, process, committed):
        for what, state, offset in (("disk", process.disk.state, process.disk.offset), ("memory", process.state, process.offset)):
            if state != tuple(range(offset)):
                raise Violation(f"{number}: its {what} holds {state} at offset {offset}")
            if offset > committed:
                raise Violation(f"{number}: its {what} is at {offset} with {committed} outputs committed")

    @staticmethod
    def done(world):
        return sum(world.broker.txns[entry.txn].status == "decided" for entry in world.broker.log) == INPUTS


Explored = collections.namedtuple("Explored", "states violation trace stuck")


def explore(protocol):
    """Visits every state. On a violation: what was violated and the shortest way there. `stuck`: states from which, without
    further faults, the task is never done."""
    start = protocol.start()
    came_from = {start: None}
    followers = {}
    queue = collections.deque([start])
    while queue:
        world = queue.popleft()
        try:
            protocol.check(world)
        except Violation as violation:
            return Explored(len(came_from), str(violation), trace_to(world, came_from), 0)
        followers[world] = []
        for what, after in protocol.steps(world):
            followers[world].append(after)
            if after not in came_from:
                came_from[after] = (world, what)
                queue.append(after)
    return Explored(len(came_from), None, [], count_stuck(protocol, followers))


def trace_to(world, came_from):
    trace = []
    while came_from[world] is not None:
        world, what = came_from[world]
        trace.append(what)
    return trace[::-1]


def count_stuck(protocol, followers):
    predecessors = collections.defaultdict(list)
    for world, afters in followers.items():
        for after in afters:
            if after.faults == world.faults:
                predecessors[after].append(world)
    reached = [world for world in followers if protocol.done(world)]
    good = set(reached)
    while reached:
        for before in predecessors[reached.pop()]:
            if before not in good:
                good.add(before)
                reached.append(before)
    return len(followers) - len(good)
