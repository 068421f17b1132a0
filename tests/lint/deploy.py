#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judges what deploy/ puts on a host: units, maintainer scripts, the Debian package's papers.

  deploy.py      says what is wrong; the exit status is 1 when something is
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"

# Tenths of systemd's exposure, above which a unit is not to get: what is open in reeved.service is explained there.
MOST_EXPOSURE = {"reeved.service": 36}


def fill_in(text):
    return re.sub(r"@\w+@", "/usr/bin", text)


def judge_exposure():
    if shutil.which("systemd-analyze") is None:
        print("skipped: no systemd-analyze")
        return
    with tempfile.TemporaryDirectory() as scratch:
        for unit, most in MOST_EXPOSURE.items():
            path = pathlib.Path(scratch) / unit
            path.write_text(fill_in((DEPLOY / "systemd" / f"{unit}.in").read_text()))
            done = subprocess.run(
                ["systemd-analyze", "security", "--offline=yes", "--no-pager", f"--threshold={most}", str(path)],
                capture_output=True, text=True, check=False)
            if done.returncode != 0:
                last = (done.stdout + done.stderr).strip().splitlines()[-1:]
                yield f"{unit}: more exposed than {most / 10}: {' '.join(last)}"


# The groups that the socket and the programs know by name are made, and the version is said once.
def judge_names():
    made = set(re.findall(r"^g (\S+)", (DEPLOY / "systemd/reeve.sysusers").read_text(), re.M))
    asked = set(re.findall(r"SocketGroup=(\S+)", (DEPLOY / "systemd/reeved.socket").read_text()))
    asked |= {"reeve-admin"}
    for name in sorted(asked - made):
        yield f"deploy/systemd/reeve.sysusers: nobody makes group {name}"
    version = re.search(r'kVersion = "(.*)"', (ROOT / "src/core/base/version.h").read_text())[1]
    packaged = re.match(r"reeve \((.*?)\)", (DEPLOY / "debian/changelog").read_text())[1]
    if packaged != version:
        yield f"deploy/debian/changelog: version {packaged}, but src/core/base/version.h says {version}"


# What is built must be what dpkg-buildpackage is told to bring.
def judge_build_depends():
    packages = (ROOT / "tests/packages").read_text()
    listed = set(re.search(r"packages_build=\((.*?)\)", packages, re.S)[1].split())
    control = (DEPLOY / "debian/control").read_text()
    wanted = set(re.findall(r"[\w.+-]+", re.search(r"Build-Depends:(.*?)\nStandards", control, re.S)[1]))
    for name in sorted(listed - wanted - {"g++", "ccache", "mold"}):
        yield f"deploy/debian/control: Build-Depends lacks {name}"


# journalctl --catalog explains every MESSAGE_ID that is sent.
def judge_catalog():
    ids = r"\b[0-9a-f]{32}\b"
    sent = re.findall(ids, (ROOT / "src/app/daemon/journal_fields.cc").read_text())
    explained = re.findall("^-- (" + ids + ")", (DEPLOY / "systemd/reeve.catalog").read_text(), re.M)
    for one in sorted(set(sent) ^ set(explained)):
        yield f"deploy/systemd/reeve.catalog: {one} is {'not explained' if one in sent else 'never sent'}"
    for listed in (sent, explained):
        for one in sorted({one for one in listed if listed.count(one) > 1}):
            yield f"MESSAGE_ID {one} stands twice"


def judge_scripts():
    if shutil.which("shellcheck") is None:
        print("skipped: no shellcheck")
        return
    scripts = [DEPLOY / "package", DEPLOY / "man/make-page", DEPLOY / "systemd/let-go",
               DEPLOY / "debian/reeve.preinst", DEPLOY / "debian/reeve.prerm", DEPLOY / "debian/reeve.postrm"]
    done = subprocess.run(["shellcheck", *map(str, scripts)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        yield done.stdout.strip()


def main():
    wrong = [line for judge in (judge_exposure, judge_names, judge_build_depends, judge_catalog, judge_scripts) for line in judge()]
    print("\n".join(wrong) or "deploy: all is well")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
