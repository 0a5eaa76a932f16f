"""Under a real CPU quota: what effective_cpus, throttled_s and describe_machine say."""

import contextlib
import json
import os
import subprocess
import sys

import pytest

from tests.contention import cpu_quota


@pytest.fixture
def tenth_of_a_cpu():
    """Make a cgroup that grants a tenth of a CPU, where this machine lets us."""
    with contextlib.ExitStack() as stack:
        try:
            folder = stack.enter_context(cpu_quota(0.1))
        except OSError as error:
            pytest.skip(f"no CPU quota can be set here: {error}")
        yield folder


def test_a_real_quota_is_seen_and_its_throttling_counted(tenth_of_a_cpu):
    """A tenth of a CPU counts as one, throttles work, and stands in the description."""
    code = f"""
import json, os, time
from pathlib import Path
from hybrid_demo import describe_machine, effective_cpus
from hybrid_demo.machine import cpu_quota, throttled_s
describe_machine()  # imports what it needs, while there is CPU time
Path({str(tenth_of_a_cpu)!r}, "cgroup.procs").write_text(str(os.getpid()))
before = throttled_s()
enough = time.process_time() + 2
while throttled_s() == before and time.process_time() < enough:
    pass
throttled = throttled_s() - before
print(json.dumps([effective_cpus(), cpu_quota(), throttled, describe_machine()]))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    cpus, quota, throttled_s, line = json.loads(run.stdout)
    assert cpus == 1
    assert quota == 0.1
    assert throttled_s > 0
    assert "no computing will finish sooner here" in line
    if os.cpu_count() > 1:
        assert f"1 of {os.cpu_count()} CPUs" in line
    assert "to 0.1 CPUs" in line
