#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds every #include of src/ to the table below: core knows nobody, edge knows core, app knows all.

Prints `file:line: plan may not include kernel` for each offence; the exit status is 1 when there is one.

  layers.py [SRC]      SRC is src/ of this tree by default
  layers.py --test     plants offences and sees that each is found
"""

import pathlib
import re
import sys
import tempfile

# Folder -> folders of ours it may include besides its own.
MAY_INCLUDE = {
    "core/base": "",
    "core/model": "base",
    "core/format": "base model",
    "core/policy": "base model format",
    "core/match": "base model",
    "core/plan": "base model format policy",
    "core/accounting": "base model",
    "core/port": "base model",
    "core/engine": "base model format port policy match plan accounting",
    "edge/io": "base",
    "edge/kernel": "base model format port io",
    "edge/systemd": "base model format port io",
    "edge/store": "base model port io",
    "edge/metrics": "base model port io",
    "edge/http": "base model port metrics io",
    "edge/gate": "base model match kernel io",
    "edge/container": "base model port kernel io",
    "app/show": "base model format policy match plan accounting port engine",
    "app/cli": "show base model policy plan format match port io http container engine kernel store",
    "app/daemon": "show base model format policy match plan accounting port engine io kernel systemd"
    " store metrics http gate container",
    "app/bin": "daemon cli gate container",
}

# Folders that touch the operating system. All others are pure: no header of POSIX or Linux.
TOUCHES_SYSTEM = ("edge/", "app/")

# Headers every folder may use.
EVERYWHERE = ("fmt/", "tl/expected.hpp")

# Third-party headers -> files that may include them (a folder, or a file's beginning).
# What is named here stays out of headers, unless its place says otherwise.
THIRD_PARTY = {
    "yaml-cpp/": ("core/policy/yaml_tree.cc",),
    "re2/": ("core/match/", "core/policy/"),
    "spdlog/": ("edge/io/log.cc",),
    "systemd/": ("edge/systemd/",),
    "sqlite3.h": ("edge/store/",),
    "prometheus/": ("edge/metrics/",),
    "microhttpd.h": ("edge/http/",),
    "zlib.h": ("edge/http/gzip.cc",),
    "nlohmann/": ("edge/http/", "edge/store/", "app/show/", "app/cli/", "app/daemon/"),
    "CLI/": ("app/cli/", "app/daemon/"),
    "bpf/": ("edge/kernel/",),
    "netlink/": ("edge/kernel/", "edge/container/"),
    "seccomp.h": ("edge/container/",),
    "sys/capability.h": ("edge/kernel/", "edge/container/"),
    "criu/": ("edge/container/",),
}
# In headers only as declarations, or within the one folder that lives with the library.
IN_HEADERS = {"nlohmann/": "app/", "systemd/": "edge/systemd/"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
C_OF_CXX = {"assert", "ctype", "errno", "float", "inttypes", "limits", "locale", "math", "setjmp",
            "signal", "stdarg", "stddef", "stdint", "stdio", "stdlib", "string", "time", "wchar"}


def folder_of(path):
    """'core/plan' of 'core/plan/diff.h'; None for what lies in no folder of ours."""
    parts = path.split("/")
    folder = "/".join(parts[:2])
    return folder if len(parts) == 3 and folder in MAY_INCLUDE else None


def judge_own(folder, header):
    other = folder_of(header)
    if other is None:
        return f'"{header}" is in no folder of src/; ours are named from there, as "core/base/text.h"'
    if other == folder or other.split("/")[1] in MAY_INCLUDE[folder].split():
        return None
    return f"{folder.split('/')[1]} may not include {other.split('/')[1]}"


def judge_foreign(folder, path, header):
    if header.startswith(EVERYWHERE):
        return None
    for prefix, places in THIRD_PARTY.items():
        if not header.startswith(prefix):
            continue
        if not path.startswith(places):
            return f"{folder.split('/')[1]} may not include <{header}>, only {', '.join(places)}"
        forward = header.endswith("_fwd.hpp")
        if path.endswith(".h") and not forward and not path.startswith(IN_HEADERS.get(prefix, "-")):
            return f"<{header}> may not be in a header: every file that includes it would pay"
        return None
    if "/" not in header and not header.endswith(".h"):
        return None  # C++ standard library
    if header.endswith(".h") and header[:-2] in C_OF_CXX and not folder.startswith(TOUCHES_SYSTEM):
        return f"<{header}> is <c{header[:-2]}> in C++"
    if folder.startswith(TOUCHES_SYSTEM):
        return None
    return f"{folder.split('/')[1]} is pure and may not include <{header}>"


def check(src):
    offences = []
    files = sorted(p for p in src.rglob("*") if p.suffix in (".h", ".cc"))
    for file in files:
        path = file.relative_to(src).as_posix()
        folder = folder_of(path)
        if folder is None:
            offences.append(f"{file}:1: no folder of the table in tests/lint/layers.py")
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            own = match[1] == '"'
            why = judge_own(folder, match[2]) if own else judge_foreign(folder, path, match[2])
            if why:
                offences.append(f"{file}:{number}: {why}")
    return offences, len(files)


PLANTED = [
    ("core/plan/a.cc", '#include "edge/kernel/pidfd.h"', "plan may not include kernel"),
    ("core/base/a.h", '#include "core/model/knob.h"', "base may not include model"),
    ("core/format/a.cc", '#  include "core/policy/load.h"', "format may not include policy"),
    ("core/plan/a.cc", "#include <unistd.h>", "plan is pure and may not include <unistd.h>"),
    ("core/model/a.h", "#include <sys/stat.h>", "model is pure and may not include <sys/stat.h>"),
    ("core/base/a.h", "#include <string.h>", "<string.h> is <cstring> in C++"),
    ("core/policy/load.cc", "#include <yaml-cpp/parser.h>",
     "policy may not include <yaml-cpp/parser.h>, only core/policy/yaml_tree.cc"),
    ("edge/io/log.h", "#include <spdlog/spdlog.h>",
     "io may not include <spdlog/spdlog.h>, only edge/io/log.cc"),
    ("edge/store/ledger.h", "#include <sqlite3.h>",
     "<sqlite3.h> may not be in a header: every file that includes it would pay"),
    ("edge/kernel/a.cc", '#include "app/cli/output.h"', "kernel may not include cli"),
    ("app/bin/a.cc", '#include "core/base/text.h"', "bin may not include base"),
    ("core/plan/a.cc", '#include "diff.h"',
     '"diff.h" is in no folder of src/; ours are named from there, as "core/base/text.h"'),
    ("core/misc/a.cc", "", "no folder of the table in tests/lint/layers.py"),
]
ALLOWED = [
    ("core/plan/a.cc", '#include "core/model/plan.h"'),
    ("core/policy/yaml_tree.cc", "#include <yaml-cpp/parser.h>"),
    ("core/base/a.h", "#include <fmt/format.h>"),
    ("core/base/a.h", "#include <cstdint>"),
    ("edge/kernel/a.cc", "#include <sys/inotify.h>"),
    ("app/cli/a.h", "#include <nlohmann/json_fwd.hpp>"),
    ("app/daemon/a.cc", '#include "edge/systemd/loop.h"'),
]


def self_test():
    failures = 0
    for path, line, *expected in PLANTED + ALLOWED:
        with tempfile.TemporaryDirectory() as scratch:
            file = pathlib.Path(scratch, path)
            file.parent.mkdir(parents=True)
            file.write_text(f"// first line\n{line}\n")
            found = [offence.split(": ", 1)[1] for offence in check(pathlib.Path(scratch))[0]]
        if found != expected:
            print(f"{path}: {line}\n  expected {expected}\n  found    {found}")
            failures += 1
    print(f"{len(PLANTED) + len(ALLOWED) - failures} of {len(PLANTED) + len(ALLOWED)} as expected")
    return failures


def main(arguments):
    if arguments == ["--test"]:
        return 1 if self_test() else 0
    if len(arguments) > 1 or (arguments and arguments[0].startswith("-")):
        print(__doc__.strip(), file=sys.stderr)
        return 64
    src = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parents[2] / "src"
    offences, files = check(src)
    for offence in offences:
        print(offence)
    print(f"{files} files, {len(offences)} offences")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
