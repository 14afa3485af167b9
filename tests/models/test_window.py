"""The window against simulated endpoints, in virtual time: `benchmarks/limits.py` has them."""

import importlib.util
import statistics
import sys
from pathlib import Path

import pytest

from potstill.models.teacher import Endpoint
from potstill.models.window import START, Window

FILE = Path(__file__).parents[2] / "benchmarks" / "limits.py"
SPEC = importlib.util.spec_from_file_location("simulated_endpoints", FILE)
simulated = importlib.util.module_from_spec(SPEC)
sys.modules[SPEC.name] = simulated
SPEC.loader.exec_module(simulated)
Server, simulate = simulated.Server, simulated.simulate


@pytest.mark.parametrize(
    "server",
    [
        pytest.param(Server(60, spread=0.7), id="queue"),
        pytest.param(Server(60, spread=0.7, tells_tokens=False), id="queue, no tokens"),
        pytest.param(Server(60, spread=0.7, refuses=True), id="429"),
        pytest.param(Server(60, spread=0.7, refuses=True, retry_after="1"), id="429, Retry-After"),
        pytest.param(Server(60, spread=0.7, thrashes=True), id="slows down"),
    ],
)
def test_it_finds_the_capacity_and_stays_there(server):
    trial = simulate(server, 240, callers=256)
    assert trial.rate(120, 240) >= 0.8 * server.ideal
    assert trial.refused(120, 240) < 0.02
    assert trial.variation(120, 240) < 0.15
    assert 0.8 * 60 <= statistics.mean(trial.windows(120, 240)) <= 2 * 60


@pytest.mark.parametrize("retry_after", [None, "1", "20"])
def test_random_refusals_do_not_starve_it(retry_after):
    server = Server(100, spread=0.5, noise=0.1, retry_after=retry_after)
    trial = simulate(server, 200, callers=256)
    assert trial.rate(120, 200) >= 0.85 * server.ideal


def test_random_refusals_do_not_hide_real_ones():
    server = Server(60, spread=0.5, noise=0.1, refuses=True)
    trial = simulate(server, 240, callers=256)
    assert trial.rate(120, 240) >= 0.8 * server.ideal
    assert trial.refused(120, 240) < 0.15


@pytest.mark.parametrize("refuses", [True, False])
def test_it_follows_the_capacity_down_and_up_again(refuses):
    server = Server(60, spread=0.5, refuses=refuses)
    trial = simulate(server, 260, changes={80: 20, 160: 60}, callers=256)
    assert trial.rate(110, 160) >= 0.8 * server.ideal / 3
    assert trial.refused(110, 160) < 0.03
    assert trial.rate(220, 260) >= 0.9 * server.ideal  # 60 s are some 50 round trips


def test_a_server_that_refuses_everything_for_a_while_is_not_stormed():
    server = Server(60, refuses=True)
    trial = simulate(server, 200, changes={60: 0, 90: 60}, callers=200)
    away = [seen for seen in trial.seen if 65 <= seen.at < 90]
    assert len(away) < 25 * 20
    assert trial.rate(170, 200) >= 0.8 * server.ideal


def test_requests_a_minute_that_nobody_told_are_kept_to():
    trial = simulate(Server(500, rpm=1800), 300, callers=256)
    assert trial.rate(150, 300) >= 0.9 * 30
    assert trial.refused(150, 300) < 0.1


def test_a_known_limit_is_opened_after_the_first_answer_and_kept():
    endpoint = Endpoint("http://simulated/v1", max_in_flight=100)
    trial = simulate(Server(1000), 20, endpoint=endpoint, callers=200)
    assert trial.windows(0, 1.5)[-1] == 100
    assert set(trial.windows(2, 20)) == {100}


def test_known_limits_give_way_to_refusals():
    endpoint = Endpoint("http://simulated/v1", max_in_flight=200)
    server = Server(50, refuses=True)
    trial = simulate(server, 120, endpoint=endpoint, callers=300)
    assert trial.rate(60, 120) >= 0.8 * server.ideal
    assert trial.refused(60, 120) < 0.03


def test_it_does_not_grow_while_fewer_calls_are_made():
    trial = simulate(Server(1000), 60, callers=8)
    assert set(trial.windows(0, 60)) == {START}


def test_it_never_exceeds_the_most():
    endpoint = Endpoint("http://simulated/v1", max_in_flight=7)
    trial = simulate(Server(1000), 30, endpoint=endpoint, callers=50)
    assert max(trial.windows(0, 30)) == 7


def test_refusals_of_calls_sent_before_a_cut_do_not_cut_again():
    window = Window(100, known=True)
    window.enter()
    window.leave(1.0, 1.0, answered=True, tokens=10)
    for _ in range(100):
        window.enter()
    for _ in range(100):
        window.refuse(0.5, 2.0)
    assert window.size == 80
