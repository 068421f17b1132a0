#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes what the running kernel prints for cgroup v2 into the current directory.

    tests/rig/rig run --on qemu --disk 16 --append hugepagesz=1G \\
        --file tests/data/capture.py --out tests/data/6.1 -- python3 capture.py

    fresh/     every file of a cgroup nobody has touched
    used/      the files of one with limits, processes, IO and a failed fork
    root/      the files of the root, with iocost on
    proc/      /proc files of processes with hostile names, mountinfo with escapes
    writes.tsv what was written to a file, whether it was taken, and how it reads then

Of 6.1-uml (User-Mode Linux, which has zswap) and of 6.18 (a machine with the hugetlb controller only) just what
the others lack is kept; of used/ what differs from fresh/.

Needs a cgroup below which it may do as it likes (RIG_CGROUP). Values that depend on the run (pids, times)
are kept as they came.
"""

import errno
import os
import random
import subprocess
import time

ROOT = os.environ["RIG_CGROUP"]
UNREADABLE = ("cgroup.kill", "memory.reclaim")
ACCIDENTAL = ("cgroup.procs", "cgroup.threads")


def write(path, text):
    """'ok', the name of the error, or None when there is no such file."""
    try:
        fd = os.open(path, os.O_WRONLY)
    except OSError:
        return None
    try:
        os.write(fd, text.encode())
        return "ok"
    except OSError as error:
        return {"ENOTSUP": "EOPNOTSUPP"}.get(errno.errorcode[error.errno], errno.errorcode[error.errno])
    finally:
        os.close(fd)


def keep(source, target):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(source, "rb") as text, open(target, "wb") as copy:
        copy.write(text.read())


def dump(cgroup, folder):
    for name in sorted(os.listdir(cgroup)):
        path = f"{cgroup}/{name}"
        if os.path.isfile(path) and name not in UNREADABLE + ACCIDENTAL:
            keep(path, f"{folder}/{name}")


def shell(command):
    subprocess.run(command, shell=True, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def disk():
    for name in ("vda", "ubda"):
        if os.path.exists(f"/sys/block/{name}/dev"):
            with open(f"/sys/block/{name}/dev", encoding="ascii") as number:
                return f"/dev/{name}", number.read().strip()
    return None, None


def used(device, number):
    cgroup = f"{ROOT}/used"
    os.mkdir(cgroup)
    shell(f"echo $$ >{cgroup}/cgroup.procs; dd if={device} of=/dev/null bs=64k iflag=direct; "
          f"dd if=/dev/zero of={device} bs=64k count=50 oflag=direct")
    write(f"{cgroup}/cpu.max", "50000")
    write(f"{cgroup}/cpu.weight", "337")
    write(f"{cgroup}/memory.max", "67108864")
    write(f"{cgroup}/memory.min", "1048577")
    write(f"{cgroup}/pids.max", "2")
    write(f"{cgroup}/cpuset.cpus", "1,0")
    write(f"{cgroup}/io.weight", "60")
    if number:
        write(f"{cgroup}/io.weight", f"{number} 70")
        write(f"{cgroup}/io.max", f"{number} rbps=1048576 wiops=200")
    shell(f"echo $$ >{cgroup}/cgroup.procs; i=0; while [ $i -lt 9000 ]; do i=$((i+1)); done; "
          "(sleep .1 & sleep .1 & sleep .1; wait)")
    dump(cgroup, "used")
    os.rmdir(cgroup)


def hostile():
    os.makedirs("/tmp/new\nline")
    os.makedirs("/tmp/a b\t\\c#d")
    subprocess.run(["mount", "-t", "tmpfs", "we ird#source", "/tmp/new\nline"], check=False)
    subprocess.run(["mount", "--make-shared", "/tmp/new\nline"], check=False)
    subprocess.run(["mount", "--bind", "/tmp/new\nline", "/tmp/a b\t\\c#d"], check=False)
    keep("/proc/self/mountinfo", "proc/mountinfo")
    keep("/proc/1/stat", "proc/stat_1")
    if os.path.exists("/proc/2/stat"):
        keep("/proc/2/stat", "proc/stat_kthread")

    name_and_wait = ("import ctypes,sys; ctypes.CDLL(None).prctl(15, b'a) R 1 1\\n2 (', 0, 0, 0); "
                     "print('x', flush=True); sys.stdin.read(1)")
    cgroup = f"{ROOT}/busy c (deleted)"
    os.mkdir(cgroup)
    with subprocess.Popen(["python3", "-c", name_and_wait], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        write(f"{cgroup}/cgroup.procs", str(process.pid))
        keep(f"/proc/{process.pid}/stat", "proc/stat_hostile")
        keep(f"/proc/{process.pid}/cgroup", "proc/cgroup_named_deleted")
        process.stdin.close()
        while open(f"/proc/{process.pid}/stat", "rb").read().rsplit(b") ", 1)[1][:1] != b"Z":
            time.sleep(.05)
        os.rmdir(cgroup)
        keep(f"/proc/{process.pid}/stat", "proc/stat_zombie")
        keep(f"/proc/{process.pid}/cgroup", "proc/cgroup_deleted")


def numbers(count, smallest=0):
    """Of every length up to 64 bits."""
    return [random.randrange(smallest, 2 ** random.randint(8, 64)) for _ in range(count)]


def values(number):
    """File -> texts to write, each one taken or refused whatever was there before."""
    table = {}
    for name in ("cgroup.max.depth", "cgroup.max.descendants"):
        table[name] = [0, 1, 64, 2**31 - 2, 2**31 - 1, 2**31, 2**64 - 1, "max"]
    for name in ("cgroup.freeze", "memory.oom.group", "memory.zswap.writeback", "cpu.idle"):
        table[name] = [1, 2, 0]
    table["cgroup.pressure"] = [0, 2, 1]
    table["cpu.weight"] = [0, 1, 2, 99, 100, 9999, 10000, 10001] + [random.randint(1, 10000) for _ in range(40)]
    table["cpu.weight.nice"] = list(range(-22, 23))
    table["cpu.max"] = ["max 1000", "max 999", "max 1000000", "max 1000001", "1000 1000", "999 1000", "1000 999",
                        "17592186044415 100000", "17592186044416 100000"]
    table["cpu.max"] += [f"{random.randint(1000, 10 ** random.randint(4, 13))} {random.randint(1000, 1000000)}"
                         for _ in range(40)] + ["max 100000"]
    table["cpu.max.burst"] = [1, 1000000, 17592186044415, 0]
    edges = [0, 1, 4095, 4096, 4097, 2**21 - 1, 2**21, 2**30 - 1, 2**30, 2**30 + 1, 67108865, 2**63 - 4097,
             2**63 - 4096, 2**63 - 1, 2**63, 2**64 - 2, 2**64 - 1]
    for name in ("memory.min", "memory.low", "memory.high", "memory.max", "memory.swap.max", "memory.swap.high",
                 "memory.zswap.max", "hugetlb.2MB.max", "hugetlb.1GB.max", "hugetlb.2MB.rsvd.max"):
        table[name] = edges + numbers(40) + ["max"]
    table["pids.max"] = [0, 1, 77, 4194303, 4194304, 4194305, 2**64 - 1, "max"]
    table["io.weight"] = [f"default {n}" for n in (0, 1, 50, 10000, 10001, 100)]
    table["io.bfq.weight"] = [f"default {n}" for n in (0, 1, 50, 1000, 1001, 100)]
    if number:
        table["io.weight"] += [f"{number} {n}" for n in (0, 1, 50, 10000, 10001)] + [f"{number} default"]
        table["io.max"] = []
        for column in range(4):
            for n in [0, 1, 2, 1000, 2**32 - 2, 2**32 - 1, 2**32, 2**63, 2**64 - 2, 2**64 - 1] + numbers(8, 2):
                row = ["max"] * 4
                row[column] = n
                table["io.max"].append("{} rbps={} wbps={} riops={} wiops={}".format(number, *row))
        table["io.max"] += [f"{number} rbps=1048576 wbps=max riops=max wiops=200",
                            f"{number} rbps=max wbps=max riops=max wiops=max"]
    table["cpuset.cpus"] = ["0", "1", "0-1", "\n", "9999"]
    table["cpuset.mems"] = ["0", "\n"]
    table["cpuset.cpus.exclusive"] = ["1", "\n"]
    return table


def writes(number):
    cgroup = f"{ROOT}/writes"
    os.mkdir(cgroup)
    with open("writes.tsv", "w", encoding="ascii") as table:
        for name, texts in values(number).items():
            for text in texts:
                text = str(text)
                result = write(f"{cgroup}/{name}", text)
                if result is None:
                    break
                back = open(f"{cgroup}/{name}", encoding="ascii").read() if result == "ok" else "-"
                print(name, text.replace("\n", "\\n"), result, back.replace("\n", "\\n"), sep="\t", file=table)
    os.rmdir(cgroup)


def main():
    random.seed(7)
    shell("modprobe bfq")
    with open(f"{ROOT}/cgroup.controllers", encoding="ascii") as controllers:
        for controller in controllers.read().split():
            write(f"{ROOT}/cgroup.subtree_control", f"+{controller}")
    device, number = disk()
    if number and write(f"{ROOT}/io.cost.qos", f"{number} enable=1 ctrl=user rpct=95 rlat=75000 wpct=95 wlat=150000 "
                                               "min=50 max=150") == "ok":
        write(f"{ROOT}/io.cost.model", f"{number} ctrl=user model=linear rbps=2706339840 rseqiops=89698 "
                                       "rrandiops=110036 wbps=1063126016 wseqiops=135560 wrandiops=130734")
    os.mkdir(f"{ROOT}/fresh")
    dump(f"{ROOT}/fresh", "fresh")
    os.rmdir(f"{ROOT}/fresh")
    writes(number)
    used(device, number)
    dump(ROOT, "root")
    hostile()
    with open("kernel", "w", encoding="ascii") as release:
        print(os.uname().release, file=release)


main()
