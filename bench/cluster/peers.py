"""What two libraries for Python wait for, through a Redis: `python3 bench/cluster/peers.py`, in half a minute.

They are caches with a lock, so what is called here is never in them: each key is called once in each process. Measured
is what `coalesce-cluster-bench` measures of a call: a lone one, until it is answered; and from a body's end in one
process until who waits in another has the value. What is divided is their own `PING`, by the same client.

`pip install cachekit dogpile.cache redis` before; `redis-server` has to be there.
"""

import asyncio
import importlib.metadata
import multiprocessing
import os
import random
import socket
import statistics
import subprocess
import time


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def dogpile(url):
    from dogpile.cache import make_region

    region = make_region().configure(
        "dogpile.cache.redis",
        expiration_time=60,
        arguments={"url": url, "distributed_lock": True, "thread_local_lock": False},
    )
    return lambda key, body: region.get_or_create(key, body)


def cachekit(url):
    os.environ["CACHEKIT_REDIS_URL"] = url
    from cachekit import cache

    bodies = {}

    @cache(ttl=60, namespace="bench", l1_enabled=False)
    async def product(key):
        return await asyncio.to_thread(bodies[key])

    loop = asyncio.new_event_loop()

    def call(key, body):
        bodies[key] = body
        return loop.run_until_complete(product(key))

    return call


LIBRARIES = {"dogpile.cache": dogpile, "cachekit": cachekit}


def waits(library, url, pipe):
    """Calls what it is told, and says when it was answered, and with what."""
    call = LIBRARIES[library](url)
    call("first", lambda: 0)
    while key := pipe.recv():
        pipe.send("calls")
        value = call(key, lambda: "its own body")
        pipe.send((time.perf_counter(), value))


def measure(library, url, rounds):
    import redis

    pipe, others = multiprocessing.Pipe()
    # A copy of this process: functions have the same name in both.
    other = multiprocessing.get_context("fork").Process(target=waits, args=(library, url, others))
    other.start()
    call = LIBRARIES[library](url)
    client = redis.Redis.from_url(url)
    call("first one", lambda: 0)
    pings, lone, woken, own = [], [], [], 0
    for turn in range(rounds):
        for _ in range(20):
            began = time.perf_counter()
            client.ping()
            pings.append(time.perf_counter() - began)
        for again in range(5):
            began = time.perf_counter()
            call(f"lone {turn} {again}", lambda: 1)
            lone.append(time.perf_counter() - began)
        ended = None

        def body():
            nonlocal ended
            pipe.send(f"followed {turn}")
            assert pipe.recv() == "calls"
            # It has asked by then, and bodies end at any time between two looks.
            time.sleep(0.1 + random.random() / 5)
            ended = time.perf_counter()
            return "the body"

        call(f"followed {turn}", body)
        at, value = pipe.recv()
        own += value == "its own body"
        woken.append(at - ended)
    pipe.send(None)
    other.join()
    return [statistics.median(times) * 1e6 for times in (pings, lone, woken)], own


def main():
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.01)
        rounds = 40
        print("| | `PING`, µs | a lone call, µs | times a `PING` | from a body's end, µs | times a `PING` | own bodies |")
        print("|---|--:|--:|--:|--:|--:|--:|")
        for library in LIBRARIES:
            (ping, lone, woken), own = measure(library, f"redis://127.0.0.1:{port}", rounds)
            version = importlib.metadata.version(library)
            print(
                f"| {library} {version} | {ping:,.0f} | {lone:,.0f} | {lone / ping:,.1f} | "
                f"{woken:,.0f} | {woken / ping:,.0f} | {own} of {rounds} |"
            )
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main()
