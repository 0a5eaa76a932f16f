"""Answers about a job that runs twice."""

import contextlib
import uuid

from hybrid_demo import cpu_intensive_analysis
from tests.process.practice_answers.table import RIGHT, answer

ONCE = "note_once"


@answer(ONCE, RIGHT)
def looks_first(rid, size, ledger):
    if rid not in ledger:
        ledger[rid] = cpu_intensive_analysis(size)
    return ledger[rid]


@answer(ONCE, RIGHT)
def keeps_the_request_beside_it(rid, size, ledger):
    result = cpu_intensive_analysis(size)
    ledger.setdefault(f"request {rid}", {"rid": rid, "result": result})
    return result


@answer(ONCE, "two_rows")
def a_place_for_each_run(rid, size, ledger):
    result = cpu_intensive_analysis(size)
    ledger[uuid.uuid4()] = rid, result
    return result


@answer(ONCE, "two_rows")
def counts_as_well(rid, size, ledger):
    result = cpu_intensive_analysis(size)
    ledger[rid] = result
    ledger["how many"] = ledger.get("how many", 0) + 1
    return result


@answer(ONCE, "half_done")
def marks_it_first(rid, size, ledger):
    result = cpu_intensive_analysis(size)
    if rid in ledger:
        return result
    ledger[rid] = None  # mine
    ledger[rid] = result
    return result


@answer(ONCE, "second_answer")
def says_nothing_again(rid, size, ledger):
    if rid in ledger:
        return None
    ledger[rid] = cpu_intensive_analysis(size)
    return ledger[rid]


@answer(ONCE, "no_row")
def only_returns(rid, size, ledger):
    return cpu_intensive_analysis(size)


@answer(ONCE, "lost_others")
def starts_afresh(rid, size, ledger):
    result = cpu_intensive_analysis(size)
    ledger.clear()
    ledger[rid] = result
    return result


@answer(ONCE, "ran_out")
def refuses_a_second_run(rid, size, ledger):
    if rid in ledger:
        raise KeyError(rid)
    ledger[rid] = cpu_intensive_analysis(size)
    return ledger[rid]


@answer(ONCE, "half_done")
def takes_it_away_first(rid, size, ledger):
    result = cpu_intensive_analysis(size)
    with contextlib.suppress(BaseException):
        ledger.pop(rid, None)
        ledger[rid] = result
    return result


@answer(ONCE, "async_function")
async def is_a_coroutine(rid, size, ledger):
    ledger[rid] = cpu_intensive_analysis(size)
    return ledger[rid]


@answer(ONCE, "raised")
def forgets_an_argument(rid, size, ledger):
    ledger[rid] = cpu_intensive_analysis()
    return ledger[rid]
