import threading
import time

from logger import schema
from logger.storage.background_writer import BackgroundWriter


class Seen:
    def __init__(self, **options) -> None:
        self.idle, self.beats, self.errors = 0, 0, []
        self.writer = BackgroundWriter(self._idle, self._beat, self.errors.append, **options)

    def _idle(self) -> None:
        self.idle += 1

    def _beat(self) -> None:
        self.beats += 1


def test_tasks_run_in_order_and_close_waits_for_all() -> None:
    seen, done = Seen(), []
    for number in range(200):
        assert seen.writer.submit(lambda n=number: done.append(n))
    assert seen.writer.close() and done == list(range(200))
    assert seen.idle >= 1


def test_the_error_of_a_failing_task_is_reported_and_the_next_one_runs() -> None:
    seen, done = Seen(), []
    seen.writer.submit(lambda: 1 / 0)
    seen.writer.submit(lambda: done.append(1))
    assert seen.writer.close() and done == [1]
    assert [type(e) for e in seen.errors] == [ZeroDivisionError]


def test_a_full_queue_makes_the_caller_wait_until_there_is_room() -> None:
    seen, gate = Seen(limit_bytes=100), threading.Event()
    seen.writer.submit(gate.wait, 80)
    threading.Timer(0.2, gate.set).start()
    began = time.monotonic()
    assert seen.writer.submit(lambda: None, 80)
    assert time.monotonic() - began > 0.1
    assert seen.writer.close()


def test_a_task_is_dropped_when_the_queue_stays_full() -> None:
    seen, gate = Seen(limit_bytes=100, patience=0.1), threading.Event()
    seen.writer.submit(gate.wait, 80)
    assert not seen.writer.submit(lambda: None, 80)
    gate.set()
    assert seen.writer.close()


def test_a_task_larger_than_the_queue_still_fits_an_empty_one() -> None:
    seen = Seen(limit_bytes=100)
    assert seen.writer.submit(lambda: None, 1000)
    assert seen.writer.close()


def test_heartbeats_continue_without_tasks(monkeypatch) -> None:
    monkeypatch.setattr(schema, "HEARTBEAT_SECONDS", 0.05)
    seen = Seen()
    time.sleep(0.4)
    assert seen.writer.close() and seen.beats >= 3


def test_heartbeats_continue_under_constant_load(monkeypatch) -> None:
    monkeypatch.setattr(schema, "HEARTBEAT_SECONDS", 0.05)
    seen = Seen()
    for _ in range(40):
        seen.writer.submit(lambda: time.sleep(0.01))
    assert seen.writer.close() and seen.beats >= 3


def test_tasks_are_refused_after_close() -> None:
    seen = Seen()
    seen.writer.close()
    assert not seen.writer.submit(lambda: None)
