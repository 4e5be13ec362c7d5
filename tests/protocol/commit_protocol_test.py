"""Visits every state of the commit protocol's model. Run as `commit_protocol_test.py [-v]`; with CATWALK_TEST_LONG=1 three faults
may happen in a run instead of two (a million states: minutes, and some gigabytes)."""

import os
import unittest

from commit_protocol import Mutation, Protocol, explore

FAULTS = 3 if os.environ.get("CATWALK_TEST_LONG") else 2


class CommitProtocol(unittest.TestCase):
    def test_commits_each_input_once_whatever_fails_and_never_gets_stuck(self):
        explored = explore(Protocol(FAULTS))
        self.assertIsNone(explored.violation, explored.trace)
        self.assertEqual(explored.stuck, 0)
        self.assertGreater(explored.states, 50_000)
        print(f"{explored.states} states with up to {FAULTS} faults: no violation, none stuck")


class Mutations(unittest.TestCase):
    """Without one of its safeguards the protocol breaks an invariant."""


def add_test_of(mutation):
    def test(self):
        explored = explore(Protocol(2, mutation))
        self.assertIsNotNone(explored.violation, f"nothing notices that {mutation.value}")
        print(f"{mutation.value}: {explored.violation}\n    after {'; '.join(explored.trace)}")
    setattr(Mutations, "test_" + mutation.name.lower(), test)


for each in Mutation:
    add_test_of(each)

if __name__ == "__main__":
    unittest.main()
