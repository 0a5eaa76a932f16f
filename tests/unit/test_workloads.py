"""The workloads: real work, the same everywhere, bad sizes refused."""

import os
import pickle
import statistics
import subprocess
import sys
import time

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from hybrid_demo import cpu_intensive_analysis, model_inference, upload_analysis

WORKLOADS = [cpu_intensive_analysis, model_inference]


def test_the_analysis_gives_the_same_digits_on_every_platform():
    """The standard deviation of 1000 readings is this float, to the last bit."""
    assert cpu_intensive_analysis(1000) == 0.29151520885559973


def test_the_analysis_is_the_standard_deviation_of_its_readings():
    """One pass by Welford agrees with two passes by the statistics module."""
    state, readings = 29, []
    for _ in range(500):
        state = (1664525 * state + 1013904223) % 2**32
        readings.append(state / 2**32)
    assert cpu_intensive_analysis(500) == pytest.approx(statistics.pstdev(readings), rel=1e-12)


def test_one_reading_has_no_spread():
    """The smallest size is 1, and one reading does not deviate from itself."""
    assert cpu_intensive_analysis(1) == 0.0


def test_the_readings_are_uniform():
    """Many readings in [0, 1) have the spread of the uniform distribution."""
    assert cpu_intensive_analysis(200_000) == pytest.approx(12**-0.5, rel=1e-2)


def test_the_analysis_is_linear_in_its_size():
    """Sixteen times the readings cost between 8 and 32 times the CPU time."""

    def cpu_s(size):
        begun = time.thread_time()
        cpu_intensive_analysis(size)
        return time.thread_time() - begun

    cpu_s(20_000)
    small = statistics.median(cpu_s(20_000) for _ in range(5))
    assert 8 < cpu_s(320_000) / small < 32


def test_inference_classifies_every_row_once():
    """The counts over the ten classes add up to the rows, for whole and broken batches."""
    for rows in (1, 255, 256, 257, 1000):
        counts = model_inference(rows)
        assert len(counts) == 10
        assert sum(counts) == rows


def test_inference_gives_the_same_counts_on_every_platform():
    """A thousand rows fall into these classes whatever the BLAS, for every sum is exact."""
    assert model_inference(1000) == (10, 63, 113, 0, 2, 2, 774, 2, 34, 0)


def test_more_rows_are_the_same_rows_and_some():
    """The first rows are classified alike however many follow."""
    few, many = np.array(model_inference(300)), np.array(model_inference(700))
    assert (many >= few).all()


def test_inference_leaves_the_blas_threads_as_they_were():
    """BLAS is held to one thread during the call only."""
    before = [(lib["filepath"], lib["num_threads"]) for lib in threadpool_info()]
    model_inference(10)
    assert [(lib["filepath"], lib["num_threads"]) for lib in threadpool_info()] == before


def test_inference_runs_on_one_thread():
    """The process has one thread after it on a machine with many: BLAS was never let loose."""
    code = (
        "import time; from hybrid_demo import model_inference; model_inference(1); "
        "cpu, wall = time.process_time(), time.thread_time(); model_inference(40_000); "
        "print((time.process_time() - cpu) / (time.thread_time() - wall))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(run.stdout) < 1.3


@pytest.mark.parametrize("workload", WORKLOADS)
def test_workloads_cross_to_a_worker(workload):
    """A workload is pickled by its name, and results are plain data."""
    assert pickle.loads(pickle.dumps(workload)) is workload
    assert type(workload(3)) in (float, tuple)


@pytest.mark.parametrize("workload", WORKLOADS)
@pytest.mark.parametrize("size", [1.0, "100", None, True, False, float("nan"), [3]])
def test_a_size_that_is_no_whole_number_is_refused(workload, size):
    """TypeError says what was given, what is expected and what to do."""
    with pytest.raises(TypeError) as caught:
        workload(size)
    said = str(caught.value)
    assert repr(size) in said
    assert "expected a whole number" in said
    assert f"{workload.__name__}(" in said


@pytest.mark.parametrize("workload", WORKLOADS)
@pytest.mark.parametrize("size", [0, -1, 10**11, pytest.param(10**5000, id="endless")])
def test_a_size_out_of_range_is_refused(workload, size):
    """ValueError says what was given, what is expected and what to do, at once."""
    with pytest.raises(ValueError, match="expected 1 to 10_000_000_000: give the number of"):
        workload(size)


def test_an_upload_is_checked_and_analysed():
    """The result is its CRC-32 (this one from the CRC catalogue), and the analysis of that size."""
    assert upload_analysis(b"123456789", 1000) == (0xCBF43926, cpu_intensive_analysis(1000))


@pytest.mark.parametrize("upload", ["text", 3, None, bytearray(1)])
def test_an_upload_that_is_no_bytes_is_refused(upload):
    """TypeError says what was given, what is expected and what to do."""
    with pytest.raises(TypeError) as caught:
        upload_analysis(upload, 1000)
    said = str(caught.value)
    assert said.startswith(f"upload is {upload!r}; expected bytes: give ")


def test_a_numpy_integer_is_a_whole_number():
    """Sizes computed with NumPy are as good as Python's own."""
    assert cpu_intensive_analysis(np.int64(1000)) == cpu_intensive_analysis(1000)


def test_the_analysis_needs_no_numpy():
    """A worker that runs only the analysis never loads NumPy."""
    code = (
        "import sys; from hybrid_demo.workloads import cpu_intensive_analysis; "
        "cpu_intensive_analysis(10); print('numpy' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert run.stdout.strip() == "False"
