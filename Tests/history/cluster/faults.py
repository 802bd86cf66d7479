"""What goes wrong in a run of the whole path, and what must be true while it does."""

import time

from faults import Faults

from .processes import LEASE_LOST, LEASE_SECONDS, start_all

#: How long the other replica may need to take a lease over that has run out; the store may be away meanwhile.
TAKEOVER_SECONDS = 15
#: How long it may take until a replica is active, and stands still at a moment when another can take over.
ACTIVE_SECONDS = 30


class ClusterFaults(Faults):
    """Processes of every kind die or stand still, the active projector for longer than its lease lasts; the
    store is away."""

    kinds_of_any_store = [
        "pause_active_projector", "kill_projector", "take_store_away", "kill_everything",
        "kill_command_handler", "kill_query_handler", "kill_logic", "kill_projector_logic",
        "pause_command_handler", "pause_query_handler", "pause_projector", "pause_logic",
        "pause_projector_logic",
    ]

    def __init__(self, cluster, store):
        super().__init__()
        self.cluster, self.store = cluster, store
        self.losing_its_lease = None
        #: How often a replica went on after another had taken over from it.
        self.takeovers = 0

    @classmethod
    def kinds(cls, store):
        return cls.kinds_of_any_store + store.kinds

    def kill_command_handler(self, fault):
        self.kill(fault, self.cluster.command_handlers)

    def kill_query_handler(self, fault):
        self.kill(fault, self.cluster.query_handlers)

    def kill_projector(self, fault):
        self.kill(fault, self.working_projectors())

    def kill_logic(self, fault):
        self.kill(fault, self.cluster.logics)

    def kill_projector_logic(self, fault):
        self.kill(fault, self.cluster.projector_logics)

    def kill_everything(self, fault):
        victims = [each for each in self.cluster.processes if each is not self.losing_its_lease]
        for victim in victims:
            victim.kill()
        start_all(victims)

    def pause_command_handler(self, fault):
        """Long enough for others to give its unfinished commits up."""
        self.pause(fault, self.cluster.command_handlers, times=3)

    def pause_query_handler(self, fault):
        self.pause(fault, self.cluster.query_handlers)

    def pause_projector(self, fault):
        self.pause(fault, self.working_projectors())

    def pause_logic(self, fault):
        self.pause(fault, self.cluster.logics)

    def pause_projector_logic(self, fault):
        self.pause(fault, self.cluster.projector_logics)

    def lose_answers(self, fault):
        self.store.lose_answers(fault)

    def refuse_calls(self, fault):
        self.store.refuse_calls(fault)

    def take_store_away(self, fault):
        if not self.store.go_away(fault):
            return self.later(0.01, lambda: self.take_store_away(fault))
        # Now and then for longer than callers and leases wait.
        self.later(fault.seconds * 5, self.store.come_back)

    def pause_active_projector(self, fault):
        """It loses its lease in the midst of its work, and goes on once another has taken over."""
        self.stop_active_projector(fault.seconds, time.monotonic() + ACTIVE_SECONDS)

    def stop_active_projector(self, seconds, deadline):
        victim = self.cluster.active_projector()
        if self.losing_its_lease or time.monotonic() > deadline:
            return
        if victim and not self.store.is_away:
            victim.pause()
            if self.store.can_be_written():
                return self.wait_for_takeover(victim, seconds)
            victim.go_on()  # it stood still in the midst of a write, which nobody can take over
        self.later(0.1, lambda: self.stop_active_projector(seconds, deadline))

    def wait_for_takeover(self, victim, seconds):
        self.losing_its_lease = victim
        taken_over, lost = self.cluster.takeover_from(victim), victim.times_said(LEASE_LOST)
        deadline = time.monotonic() + LEASE_SECONDS + TAKEOVER_SECONDS

        def go_on_after_takeover():
            if not taken_over() and time.monotonic() < deadline:
                return self.later(0.1, go_on_after_takeover)
            self.takeovers += taken_over()
            victim.go_on()
            leave_alone_until_it_knows()

        def leave_alone_until_it_knows():
            if victim.times_said(LEASE_LOST) == lost and time.monotonic() < deadline:
                return self.later(0.1, leave_alone_until_it_knows)
            self.losing_its_lease = None

        self.later(LEASE_SECONDS + seconds, go_on_after_takeover)

    def working_projectors(self):
        """Without the one that is to hear of its loss itself."""
        return [each for each in self.cluster.projectors if each is not self.losing_its_lease]

    def kill(self, fault, processes):
        victim = self.one_of(fault, processes)
        victim.kill()
        victim.start()

    def pause(self, fault, processes, times=1):
        victim = self.one_of(fault, processes)
        victim.pause()
        self.later(fault.seconds * times, victim.go_on)

    def one_of(self, fault, processes):
        return processes[fault.victim % len(processes)]
