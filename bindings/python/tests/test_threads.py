# SPDX-License-Identifier: BSD-3-Clause
"""Other Python threads run during a call, and calls from several threads do not disturb each other."""

import sys
import threading

import numpy as np

import anisograd


def test_another_thread_runs_during_a_call():
    """No thread gives the GIL up on request, so that this one continues only where the other's call lets it; a call
    that kept the GIL would always have returned by then. One that ends before this thread is woken tells nothing: then
    a longer one is tried."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    try:
        for length in (1 << exponent for exponent in range(16, 24)):
            x = np.ones(length)
            returned = []

            def call():
                started.set()
                anisograd.exp(x, out=x)
                returned.append(True)

            started = threading.Event()
            thread = threading.Thread(target=call)
            thread.start()
            started.wait()
            during_the_call = not returned
            thread.join()
            if during_the_call:
                return
        raise AssertionError("no other thread ran before a call had returned")
    finally:
        sys.setswitchinterval(interval)


def test_calls_from_several_threads():
    random = np.random.default_rng(8)
    count, steps = 4, 50
    starts = [random.standard_normal(3000) for _ in range(count)]
    gradients = random.standard_normal((count, steps, 3000))

    def train(i):
        w, v = starts[i].copy(), np.zeros(3000)
        messages = set()
        for g in gradients[i]:
            anisograd.adagrad_step_projected(w, g, v, anisograd.L1Ball(10), learning_rate=0.1 * (i + 1))
            try:
                anisograd.adagrad_step(w, g, v, learning_rate=-1 - i)
            except anisograd.ArgumentError as error:
                messages.add(str(error))
        results[i] = w.tobytes(), messages

    results = [None] * count
    for i in range(count):
        train(i)
    alone, results = results, [None] * count
    threads = [threading.Thread(target=train, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == alone
    assert len({message for _, messages in results for message in messages}) == count
