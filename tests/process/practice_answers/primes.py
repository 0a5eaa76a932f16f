"""What students write to a file of their own; a check reads it anew, so it stands alone."""

import os


def by_sieve(limit):
    """Strike out the multiples."""
    sieve = [False, False, *[True] * (limit - 2)]
    for number in range(2, limit):
        if sieve[number]:
            for multiple in range(number * number, limit, number):
                sieve[multiple] = False
    return sum(sieve)


def counts_one(limit):
    """Take 1 for a prime."""
    return sum(all(n % d for d in range(2, n)) for n in range(1, limit))


def counts_the_limit(limit):
    """Try too few divisors."""
    return sum(all(n % d for d in range(2, int(n**0.5))) for n in range(2, limit + 1))


def only_prints(limit):
    """Print, and return nothing."""
    print(sum(all(n % d for d in range(2, n)) for n in range(2, limit)), file=open(os.devnull, "w"))  # noqa: SIM115, PTH123


async def is_async(limit):
    """Be what no worker can run."""
    return sum(all(n % d for d in range(2, n)) for n in range(2, limit))


def needs_the_notebook(limit):
    """Use a name that only the notebook knows."""
    return len([n for n in range(2, limit) if is_prime(n)])  # noqa: F821


def crashes(limit):
    """End the worker."""
    os._exit(1)


def needs_nothing():
    """Take no limit."""
    return 4


def divides_by_zero(limit):
    """Try a divisor too many."""
    return sum(all(n % d for d in range(n)) for n in range(2, limit))
