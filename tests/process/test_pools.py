"""open_pool: warm on entering, gone on leaving, deaf to Interrupt, never an orphan."""

import asyncio
import contextlib
import functools
import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import CancelledError, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import forkserver, resource_tracker

import psutil
import pytest

from hybrid_demo import cpu_intensive_analysis, open_pool, pools, watch
from hybrid_demo.worker import get_ready

LINUX = sys.platform == "linux"
posix = pytest.mark.skipif(os.name != "posix", reason="process groups and signals are POSIX's")
METHODS = ["forkserver", "spawn"] if LINUX else ["spawn"]


def worker_processes():
    """Return the pids of all workers of this process: its offspring less multiprocessing's own."""
    own = {forkserver._forkserver._forkserver_pid, resource_tracker._resource_tracker._pid}
    return {child.pid for child in psutil.Process().children(recursive=True)} - own


@pytest.fixture(autouse=True)
def nothing_left():
    """No test leaves a worker or a thread behind."""
    threads = set(threading.enumerate())
    yield
    gc.collect()
    assert worker_processes() == set()
    assert set(threading.enumerate()) <= threads


@pytest.fixture(params=METHODS)
def method(request, monkeypatch):
    """Run the test under each start method that our pools use on some system."""
    monkeypatch.setattr(pools, "start_method", lambda: request.param)
    return request.param


def when(condition):
    """Wait until a condition of another process holds; fail when it never does."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.01)


async def closing(pool):
    """Return once a pool is being closed."""
    while "closed" not in repr(pool):
        await asyncio.sleep(0)


class TestEntering:
    """What `with` and `async with` do before the first line of the block."""

    def test_with_starts_all_workers(self, method):
        """In the block all workers are up, before the first job."""
        with open_pool(3) as executor:
            assert len(worker_processes()) == 3
            assert executor.submit(os.getpid).result() in worker_processes()

    def test_async_with_starts_all_workers(self, method):
        """In the block all workers are up, before the first job."""

        async def main():
            async with open_pool(3) as executor:
                assert len(worker_processes()) == 3
                loop = asyncio.get_running_loop()
                assert await loop.run_in_executor(executor, os.getpid) in worker_processes()

        asyncio.run(main())

    def test_it_is_a_process_pool_executor(self):
        """All that the standard library's executor does, it does: map, submit, keywords."""
        with open_pool(2) as executor:
            assert isinstance(executor, ProcessPoolExecutor)
            sizes = [10, 20, 30, 40]
            expected = [cpu_intensive_analysis(size) for size in sizes]
            assert list(executor.map(cpu_intensive_analysis, sizes)) == expected
            assert list(executor.map(pow, sizes, [2] * 4, chunksize=3)) == [s**2 for s in sizes]
            assert executor.submit(int, "11", base=2).result() == 3

    def test_the_loop_lives_on_while_workers_start(self):
        """Entering and leaving by `async with`, the loop goes round and round."""

        async def main():
            pool, turns = open_pool(2), []
            for step in (pool.__aenter__(), pool.__aexit__(None, None, None)):
                task, count = asyncio.create_task(step), 0
                while not task.done():
                    count += 1
                    await asyncio.sleep(0)
                turns.append(count)
                await task
            return turns

        assert min(asyncio.run(main())) > 3

    def test_the_loops_default_executor_is_not_made(self):
        """Starting and closing never use run_in_executor(None, ...)."""

        async def main():
            async with open_pool(1):
                pass
            return asyncio.get_running_loop()._default_executor

        assert asyncio.run(main()) is None

    def test_a_watch_sees_nothing_of_it(self):
        """A watch around opening, warming and closing a pool records no job and no pool."""

        async def main():
            async with watch("around") as recording:
                async with open_pool(2):
                    pass
                with open_pool(1):
                    pass
            return recording

        recording = asyncio.run(main())
        assert recording.jobs == ()
        assert recording.pools == ()

    def test_jobs_before_entering_are_kept(self):
        """A pool used without `with` works, and can still be warmed."""
        executor = open_pool(3)
        before = executor.submit(os.getpid)
        assert before.result() in worker_processes()
        with executor:
            assert len(worker_processes()) == 3
        assert before.result()

    def test_entering_twice_starts_nothing_twice(self):
        """Entered again while open, it has the same workers."""
        with open_pool(2) as executor:
            before = worker_processes()
            assert executor.__enter__() is executor
            assert worker_processes() == before

    def test_a_closed_pool_cannot_be_entered_again(self):
        """RuntimeError says that a new pool is needed."""
        with open_pool(1) as executor:
            pass
        with pytest.raises(RuntimeError, match=r"entered again; expected a new pool"), executor:
            pass

    def test_two_pools_can_be_open(self):
        """Pools do not share workers."""
        with open_pool(1) as one, open_pool(1) as two:
            assert one.submit(os.getpid).result() != two.submit(os.getpid).result()

    def test_a_pool_never_entered_leaves_nothing(self):
        """A pool that is opened and dropped starts no process and no thread."""
        open_pool(2)
        assert worker_processes() == set()

    def test_it_says_what_it_is(self):
        """The repr names workers, start method and state."""
        with open_pool(1) as executor:
            assert repr(executor) == (
                f"<process pool of 1 worker, started by {pools.start_method()}: warm>"
            )
        assert repr(executor).endswith(": closed>")


class TestLeaving:
    """What happens to jobs and workers when the block ends."""

    def test_jobs_are_waited_for(self, method):
        """On the normal way out all jobs are done, queued ones too."""
        with open_pool(1) as executor:
            futures = [executor.submit(time.sleep, 0.05) for _ in range(6)]
        assert [future.exception() for future in futures] == [None] * 6

    def test_an_exception_drops_the_queued_jobs(self):
        """On an exception the running job is waited for, and the last in the queue is dropped."""

        async def leave():
            async with open_pool(1) as executor:
                futures[:] = [executor.submit(time.sleep, 0.3) for _ in range(9)]
                when(futures[0].running)
                raise KeyError("theirs")

        def leave_plainly():
            with open_pool(1) as executor:
                futures[:] = [executor.submit(time.sleep, 0.3) for _ in range(9)]
                when(futures[0].running)
                raise KeyError("theirs")

        for way in (leave_plainly, lambda: asyncio.run(leave())):
            futures = []
            with pytest.raises(KeyError, match="theirs"):
                way()
            assert futures[0].exception() is None
            assert futures[-1].cancelled()

    def test_a_cancelled_exit_still_closes(self):
        """A cancel while it waits for jobs drops the queued ones, and is raised at the end."""

        async def main():
            async def leave():
                async with pool:
                    futures[:] = [pool.submit(time.sleep, 0.3) for _ in range(9)]
                    when(futures[0].running)

            pool = open_pool(1)
            task = asyncio.create_task(leave())
            await closing(pool)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert worker_processes() == set()

        futures = []
        asyncio.run(main())
        assert futures[0].exception() is None
        assert futures[-1].cancelled()

    def test_a_second_cancel_ends_the_workers(self):
        """Cancelled twice while it closes, a job without end is ended with its worker."""

        async def main():
            async def leave():
                async with pool:
                    futures.append(pool.submit(time.sleep, 3600))
                    while not futures[0].running():  # else the first cancel drops it
                        await asyncio.sleep(0.01)

            pool, futures = open_pool(2), []
            task = asyncio.create_task(leave())
            await closing(pool)
            for _ in range(2):
                task.cancel()
                await asyncio.sleep(0)
            with pytest.raises(asyncio.CancelledError):
                await task
            assert worker_processes() == set()
            assert isinstance(futures[0].exception(), BrokenProcessPool)

        asyncio.run(main())

    def test_a_broken_pool_can_be_left(self):
        """A pool whose worker died is left like any other."""
        with open_pool(2) as executor, pytest.raises(BrokenProcessPool):
            executor.submit(os._exit, 1).result()

    def test_shutdown_in_the_block_is_allowed(self):
        """`executor.shutdown()` inside the block closes it, and leaving finds nothing to do."""
        with open_pool(1) as executor:
            executor.shutdown()
            with pytest.raises(RuntimeError, match="after shutdown"):
                executor.submit(os.getpid)


class TestNotStarting:
    """A warm-up that fails, or that nobody wants any more."""

    @pytest.mark.parametrize("turns", [0, 1, 3, 30, 300, 1000])
    def test_a_cancelled_start_leaves_nothing(self, turns):
        """Cancelled at any moment of its start, it is gone when the cancel is raised."""

        async def main():
            task = asyncio.create_task(open_pool(3).__aenter__())
            for _ in range(turns):
                await asyncio.sleep(0.0001)
            was_started = task.done()
            task.cancel()
            if was_started:
                return await (await task).__aexit__(None, None, None)
            with pytest.raises(asyncio.CancelledError):
                await task
            assert worker_processes() == set()

        asyncio.run(main())

    def test_a_start_that_takes_too_long_for_a_timeout_leaves_nothing(self):
        """`asyncio.timeout` around `async with open_pool` ends in TimeoutError, and that is all."""

        async def main():
            async with asyncio.timeout(0.001):
                async with open_pool(3):
                    await asyncio.sleep(3600)

        with pytest.raises(TimeoutError):
            asyncio.run(main())
        assert worker_processes() == set()

    @pytest.mark.parametrize("deadly", [0, 1, 2, 3])
    def test_one_worker_that_dies_is_told(self, monkeypatch, deadly):
        """Any one worker dies and the others wait for it: no hang."""
        jobs = [get_ready] * 4
        jobs[deadly] = functools.partial(os._exit, 3)
        submit = ProcessPoolExecutor.submit
        monkeypatch.setattr(
            ProcessPoolExecutor, "submit", lambda self, fn, /: submit(self, jobs.pop(0))
        )
        with pytest.raises(BrokenProcessPool, match="pool of 3 died while it started"):
            open_pool(3).__enter__()

    def test_other_errors_pass(self, monkeypatch):
        """An error of the system itself is raised as it is, and nothing is left."""

        def fail(*args):
            raise OSError("no more processes")

        monkeypatch.setattr(ProcessPoolExecutor, "_adjust_process_count", fail)
        with pytest.raises(OSError, match="no more processes"):
            open_pool(2).__enter__()


class TestBadInput:
    """What a student may hand over by mistake."""

    @pytest.mark.parametrize("workers", [True, False, 2.0, "4", None, float("nan")])
    def test_workers_that_are_no_whole_number(self, workers):
        """TypeError at the call says what was given, what is expected and what to do."""
        with pytest.raises(TypeError, match=r"expected a whole number: .*open_pool\(") as caught:
            open_pool(workers)
        assert repr(workers) in str(caught.value)

    @pytest.mark.parametrize("workers", [0, -1, 1025, 10**9])
    def test_workers_out_of_range(self, workers):
        """ValueError at the call says what was given, what is expected and what to do."""
        with pytest.raises(ValueError, match=r"expected 1 to [\d_]+: .*open_pool\(effective_cpus"):
            open_pool(workers)

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows can wait for 61 processes")
    def test_a_server_may_have_more_cpus_than_windows_can_wait_for(self):
        """As many workers as a large machine has CPUs are taken; none of them starts yet."""
        assert "pool of 128 workers" in repr(open_pool(128))

    @pytest.mark.parametrize("nice", [-1, 20])
    def test_niceness_out_of_range(self, nice):
        """ValueError says that a worker's priority can only be lowered."""
        with pytest.raises(ValueError, match=f"nice is {nice}; expected 0 to 19"):
            open_pool(2, nice=nice)

    def test_a_job_that_cannot_cross_leaves_the_pool_whole(self):
        """An `async def`, a lambda and a result are refused, and the next job runs."""

        async def handle_request():
            pass

        with open_pool(1) as executor:
            for fn, error in [
                (handle_request, TypeError),
                (3.5, TypeError),
                (lambda: 1, ValueError),
            ]:
                with pytest.raises(error):
                    executor.submit(fn)
                with pytest.raises(error):
                    executor.map(fn, [1])
            assert executor.submit(os.getpid).result()

    def test_a_job_that_cannot_cross_is_refused_on_the_bridge(self):
        """run_in_executor raises in the student's own line."""

        async def main():
            async with open_pool(1) as executor:
                loop = asyncio.get_running_loop()
                with pytest.raises(TypeError, match="an `async def`"):
                    loop.run_in_executor(executor, main)

        asyncio.run(main())


@posix
def test_nice_workers_let_others_go_first():
    """`nice=7` lowers the workers' priority by 7, and not this process's."""
    before = os.nice(0)
    with open_pool(1, nice=7) as executor:
        assert executor.submit(os.nice, 0).result() == min(before + 7, 19)
    assert os.nice(0) == before


# In programs of their own: what happens to a whole process.


@pytest.fixture
def program(tmp_path):
    """Return a function that starts a script in a session of its own."""
    started = []

    def start(source, *arguments):
        script = tmp_path / "script.py"
        script.write_text(textwrap.dedent(source))
        argv = [sys.executable, str(script)] if not arguments else [sys.executable, *arguments]
        process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def gone(pids):
    """Whether none of these processes is left."""
    return not any(psutil.pid_exists(pid) for pid in pids)


def session_of(process):
    """Return the pids of all processes that were started in the program's session."""
    pids = set()
    for other in psutil.process_iter():
        with contextlib.suppress(OSError, psutil.Error):
            if os.getsid(other.pid) == process.pid and other.status() != psutil.STATUS_ZOMBIE:
                pids.add(other.pid)
    return pids


SERVICE = """
    import os, sys, time
    from hybrid_demo import open_pool, pools

    pools.start_method = lambda: {method!r}
    if __name__ == "__main__":
        with open_pool(2) as executor:
            executor.submit(time.sleep, {busy_s})
            print(*executor._processes, flush=True)
            {then}
"""


@posix
class TestInterrupt:
    """Ctrl-C and Jupyter's Interrupt go to the whole process group."""

    def test_workers_idle_and_busy_survive(self, program, method):
        """After the Interrupt the same workers answer, and the busy one finishes its job."""
        source = """
            import os, sys, time
            from hybrid_demo import open_pool, pools

            pools.start_method = lambda: {method!r}
            if __name__ == "__main__":
                with open_pool(2) as executor:
                    before = set(executor._processes)
                    busy = executor.submit(time.sleep, 0.5)
                    try:
                        print("ready", flush=True)
                        sys.stdin.readline()
                    except KeyboardInterrupt:
                        print("interrupted", flush=True)
                    answers = {{executor.submit(os.getpid).result() for _ in range(20)}}
                    print(answers <= before, busy.exception(), set(executor._processes) == before)
        """
        process = program(source.format(method=method))
        assert process.stdout.readline() == "ready\n"
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert out.splitlines() == ["interrupted", "True None True"]
        assert err == ""

    @pytest.mark.parametrize("delay_s", [0, 0.01, 0.03, 0.06, 0.1, 0.2])
    def test_an_interrupted_start_leaves_nothing(self, program, delay_s):
        """Interrupted at any moment of its start, the program ends, and no process is left."""
        source = """
            from hybrid_demo import open_pool

            if __name__ == "__main__":
                try:
                    print("ready", flush=True)
                    with open_pool(3):
                        import time; time.sleep(3600)
                except KeyboardInterrupt:
                    print("interrupted", flush=True)
        """
        process = program(source)
        assert process.stdout.readline() == "ready\n"
        time.sleep(delay_s)  # no event tells of these moments: the point is to hit any
        # Python itself drops an Interrupt that comes in a callback of a weak reference.
        for _ in range(6):
            os.killpg(process.pid, signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=20)
                break
        out, _ = process.communicate(timeout=60)
        assert out == "interrupted\n"
        when(lambda: not session_of(process))

    def test_interrupts_end_a_close_that_takes_too_long(self, program, method):
        """A job without end: the first Interrupt leaves the block, the second ends the workers."""
        source = SERVICE.format(method=method, busy_s=3600, then="time.sleep(3600)")
        process = program(source)
        pids = {int(pid) for pid in process.stdout.readline().split()}
        os.killpg(process.pid, signal.SIGINT)
        while process.poll() is None:  # the second may come before the first was handled
            time.sleep(0.1)
            os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert "KeyboardInterrupt" in err
        when(lambda: gone(pids))


@posix
class TestParentsEnd:
    """Workers end when the kernel does, however it ends."""

    @pytest.mark.parametrize("busy_s", [0, 3600])
    def test_killed(self, program, method, busy_s):
        """SIGKILL of the parent ends idle workers and one in a long job."""
        process = program(SERVICE.format(method=method, busy_s=busy_s, then="sys.stdin.read()"))
        pids = {int(pid) for pid in process.stdout.readline().split()}
        assert len(pids) == 2
        process.kill()
        process.wait(timeout=60)
        when(lambda: gone(pids))
        when(lambda: not session_of(process))

    @pytest.mark.parametrize("busy", ["time.sleep(3600)", "cpu_intensive_analysis(10**10)"])
    def test_exited_at_once(self, program, busy):
        """os._exit of the parent ends a worker that sleeps, and one that computes."""
        fn, argument = busy.rstrip(")").split("(")
        source = f"""
            import os, sys, time
            from hybrid_demo import cpu_intensive_analysis, open_pool

            if __name__ == "__main__":
                with open_pool(2) as executor:
                    executor.submit({fn}, {argument})
                    print(*executor._processes, flush=True)
                    sys.stdin.readline()
                    os._exit(0)
        """
        process = program(source)
        pids = {int(pid) for pid in process.stdout.readline().split()}
        process.communicate("\n", timeout=60)
        when(lambda: gone(pids))

    def test_terminated(self, program, method):
        """SIGTERM of the parent ends them too."""
        process = program(SERVICE.format(method=method, busy_s=3600, then="sys.stdin.read()"))
        pids = {int(pid) for pid in process.stdout.readline().split()}
        process.terminate()
        process.wait(timeout=60)
        when(lambda: gone(pids))


@posix
class TestScripts:
    """The main script, which every worker imports where it is a file."""

    def test_without_its_guard_it_is_told(self, program):
        """BrokenProcessPool names the missing `if __name__ == "__main__":`, and nothing hangs."""
        process = program("""
            from hybrid_demo import open_pool

            with open_pool(2):
                print("never")
        """)
        out, err = process.communicate(timeout=60)
        assert out == ""
        assert "BrokenProcessPool: a worker of this pool of 2 died while it started" in err
        assert 'if __name__ == "__main__":' in err
        assert process.returncode == 1
        when(lambda: not session_of(process))

    def test_from_standard_input_it_is_told(self, program):
        """A program with no file says that it needs one."""
        process = program("", "-")
        _, err = process.communicate(
            "from hybrid_demo import open_pool\nopen_pool(1).__enter__()\n", timeout=60
        )
        assert "no file that a worker could import: save it to one" in err

    def test_functions_at_the_prompt_are_refused(self, program):
        """Without a main file a function of the session is refused, and the pool lives on."""
        process = program(
            "",
            "-c",
            textwrap.dedent("""
                import os
                from hybrid_demo import open_pool
                def analysis(): return 1
                with open_pool(1) as executor:
                    try:
                        executor.submit(analysis)
                    except ValueError as error:
                        print("%%writefile" in str(error), executor.submit(os.getpid).result() > 0)
            """),
        )
        out, err = process.communicate(timeout=60)
        assert (out, err) == ("True True\n", "")

    def test_functions_of_a_guarded_script_run(self, program):
        """A function of the script itself crosses, under asyncio.run as well."""
        process = program("""
            import asyncio
            from hybrid_demo import open_pool

            def analysis(size):
                return size + 1

            async def main():
                async with open_pool(2) as executor:
                    loop = asyncio.get_running_loop()
                    jobs = [loop.run_in_executor(executor, analysis, size) for size in range(4)]
                    print(await asyncio.gather(*jobs))

            if __name__ == "__main__":
                asyncio.run(main())
        """)
        out, err = process.communicate(timeout=60)
        assert (out, err) == ("[1, 2, 3, 4]\n", "")


def test_a_future_cancelled_before_it_ran_is_cancelled():
    """Cancelling works as with any executor: queued jobs can be, the running one cannot."""
    with open_pool(1) as executor:
        futures = [executor.submit(time.sleep, 0.1) for _ in range(9)]
        assert futures[-1].cancel()
        with pytest.raises(CancelledError):
            futures[-1].result()
