"""Work in queues, with a clock that the test moves."""

from outrider._ordered import OrderedWork


class ManualClock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_queue_waits_for_its_head_and_others_go_on() -> None:
    work: OrderedWork[str, int] = OrderedWork()
    for key, item in (("a", 1), ("a", 2), ("b", 3), ("c", 4)):
        work.add(key, item)
    assert work.take() == ("a", 1)
    assert work.take() == ("b", 3)
    work.done("a")
    assert work.take() == ("c", 4)
    assert work.take() == ("a", 2)


def test_head_that_failed_comes_again_after_its_pause() -> None:
    clock = ManualClock()
    work: OrderedWork[str, int] = OrderedWork(clock)
    for key, item in (("a", 1), ("a", 2), ("b", 3)):
        work.add(key, item)
    assert work.take() == ("a", 1)
    work.retry("a", 5)
    assert work.take() == ("b", 3)
    clock.now = 5
    assert work.take() == ("a", 1)
    work.done("a")
    assert work.take() == ("a", 2)


def test_dropped_items_are_forgotten_but_for_one_at_work() -> None:
    work: OrderedWork[str, int] = OrderedWork()
    for key, item in (("a", 1), ("a", 2), ("b", 3), ("c", 4)):
        work.add(key, item)
    assert work.take() == ("a", 1)
    work.drop(lambda item: item < 4)
    work.add("a", 5)
    assert work.take() == ("c", 4)
    work.done("a")
    assert work.take() == ("a", 5)


def test_dropped_item_that_fails_is_not_taken_again() -> None:
    clock = ManualClock()
    work: OrderedWork[str, int] = OrderedWork(clock)
    work.add("a", 1)
    assert work.take() == ("a", 1)
    work.drop(lambda item: True)
    work.add("a", 2)
    work.retry("a", 0)
    assert work.take() == ("a", 2)
    work.retry("a", 0)
    assert work.take() == ("a", 2)


def test_closed_work_hands_out_nothing() -> None:
    work: OrderedWork[str, int] = OrderedWork()
    work.add("a", 1)
    work.close()
    assert work.take() is None
