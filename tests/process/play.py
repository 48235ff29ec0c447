# SPDX-License-Identifier: MIT
"""What a scene promises, whatever fails: each hive is the old one or the new one, what is said is true, and the next
run brings it to its end."""

import json
import re
import tempfile
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import scenes
from stage import TEMPORARY, WORKERS, Theatre, frozen, read_state
from support import hives, oracles
from support.tool import validator

KILLED = -9
FIGURES = Counter()
SHOWN = 12  # problems of one test
IN_PLACE = re.compile(r"the new file is in place|is in place, but")


def decoded(text):
    """The one value of JSON that is the whole of a text; None where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def stripped(scene, text):
    """An answer without what may be missing from it or be there beside it: remarks, and what they are about."""
    if scene.answer == "text":
        return b"".join(line for line in text.splitlines(True) if not line.startswith(b"warning: "))
    answer = decoded(text)
    if not isinstance(answer, dict):
        return text
    answer.pop("warnings", None)
    if "comment" in answer:
        answer["comment"] = re.sub(r"\nwarning: [^\n]*", "", answer["comment"])
    for profile in answer.get("profiles", ()):
        profile["managed_by"] = None
    return answer


def remarks(scene, text):
    """The remarks that an answer has."""
    if scene.answer == "native":
        return set(decoded(text)["warnings"])
    return set(re.findall(rb"warning: .*?(?:\\n|\n|\"|$)", text))


class Play:
    """A scene, and what comes of it undisturbed: twice the same, and sound to other people's readers."""

    def __init__(self, scene, folder):
        self.scene, self.folder = scene, Path(folder)
        self.lock, self.nexts, self.theatres = threading.Lock(), {}, []
        template = self.folder / "template"
        template.mkdir()
        scene.make(template)
        self.old = read_state(template)
        self.theatres = [Theatre(self.folder / str(i)) for i in range(WORKERS)]
        here = self.theatres[0]
        here.put(self.old)
        self.clean = here.run(scene)
        self.new = dict(self.clean.state)
        here.put(self.old)
        assert here.run(scene) == self.clean, "the same call had another result"
        self.again = here.run(scene)
        assert self.again.state == self.clean.state, "the second run changed something"
        self.changed = [name for name in self.new if name in self.old and self.new[name] != self.old[name]]
        self.check_images()

    def check_images(self):
        """The new hives are sound, and hold the old trees with the one value changed."""
        for name in self.changed:
            with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
                old, new = Path(scratch, "old"), Path(scratch, "new")
                old.write_bytes(self.old[name][1])
                new.write_bytes(self.new[name][1])
                if any(other.startswith(f"{name}.LOG") for other in self.old):
                    old = hives.make_recovered(old, scenes.DIRTY)
                hives.check(new)
                trees = oracles.dumps(new)
                for reader, before in oracles.dumps(old).items():
                    wanted = oracles.bare(oracles.changed(before, hives.KEY, hives.NAME, self.scene.value))
                    got = oracles.bare(trees[reader])
                    assert got == wanted, f"{reader}: {oracles.difference(wanted, got)}"
            FIGURES["images held against libhivex and regipy"] += 1

    def calls(self, piece=0):
        """The calls of an undisturbed run after its start-up."""
        here = self.theatres[0]
        here.put(self.old)
        return here.trace(self.scene, piece)

    # What is held against the promises. Each says what is wrong, or nothing.

    def of_files(self, state, may_leave):
        for name in self.old.keys() | self.new.keys() | state.keys():
            if name in self.old or name in self.new:
                if state.get(name) not in (self.old.get(name), self.new.get(name)):
                    yield f"{name} is neither the old one nor the new one"
            elif not (may_leave and TEMPORARY.match(name)):
                yield f"{name} is left behind"

    def is_new(self, state, name):
        return state.get(name) == self.new.get(name)

    def of_profile(self, profile, state):
        name = profile["hive"]
        if name not in self.old:
            return
        if profile["outcome"] == "changed" and not self.is_new(state, name):
            yield f"{name} is said to be changed, and is not"
        if profile["outcome"] in ("compliant", "observed", "skipped") and state[name] != self.old[name]:
            yield f"{name} is said to be {profile['outcome']}, and was changed"
        if profile["outcome"] == "compliant" and name in self.changed:
            yield f"{name} is said to be compliant, and is not"
        if profile["outcome"] == "failed":
            after = IN_PLACE.search(profile["error"]["message"])
            if name in self.changed and self.is_new(state, name) != bool(after):
                yield f"{name} failed, and the message does not say what is there now: {profile['error']}"

    def of_result(self, result, state, at_most, kinds):
        """A native result and the disk say the same."""
        if "counts" not in result:
            yield f"no result: {result}"
            return
        if self.scene.arguments[0] in ("get", "check", "apply"):
            yield from (error.message for error in validator("result").iter_errors(result))
        errors = [one["error"] for one in (result, *result["profiles"]) if one.get("error")]
        if kinds is not None:
            yield from (f"an error of another kind: {error}" for error in errors if error["kind"] not in kinds)
        if "error" in result:
            if state != frozen(self.old):
                yield f"the request was refused, and something was changed: {result['error']}"
            return
        failed = [profile for profile in result["profiles"] if profile["outcome"] == "failed"]
        if at_most is not None and len(failed) > at_most:
            yield f"{len(failed)} profiles failed: {[profile['error'] for profile in failed]}"
        for profile in result["profiles"]:
            yield from self.of_profile(profile, dict(state))
        told = {profile["hive"] for profile in result["profiles"]}
        yield from (f"{name} was changed, and nothing is said" for name in self.changed
                    if name not in told and dict(state)[name] != self.old[name])

    def of_success(self, done):
        """It says what it says undisturbed, but for a remark that something could not be learned."""
        if done.out != self.clean.out:
            if stripped(self.scene, done.out) != stripped(self.scene, self.clean.out):
                yield "success, with another answer"
            elif not remarks(self.scene, done.out) - remarks(self.scene, self.clean.out):
                yield "success, with something missing that nothing is said of"
        if done.err != self.clean.err and self.scene.answer not in ("json", "lines"):
            yield "success, and something on standard error"
        if frozen(self.new) != done.state:
            yield "success, and not all is done"

    def of_trouble(self, done, at_most, kinds, may_be_silent):
        if self.scene.trouble is not None and done.code != self.scene.trouble:
            yield f"exit code {done.code}"
        if not done.out:
            if not done.err and not self.scene.silent and not may_be_silent:
                yield f"exit code {done.code}, and not a word"
            return
        if done.out == self.clean.out and done.err:
            return  # all that was to be said, and then that it may not have arrived
        result = decoded(done.out)
        if not done.out.endswith(b"\n"):
            yield "the answer is cut"
        elif self.scene.answer in ("native", "salt", "json", "file") and not isinstance(result, dict):
            if not self.scene.answer == "file":
                yield "the answer is no JSON"
            elif result is None:
                yield "an answer that is no refusal"
        elif self.scene.answer == "salt":
            if result["result"] is not False:
                yield "the result does not say that it failed"
        elif self.scene.answer == "native":
            if result["failed"] is not True:
                yield "the result does not say that it failed"
            yield from self.of_result(result, done.state, at_most, kinds)
        elif self.scene.answer == "line" and not done.out.startswith(b"failed"):
            yield "the line does not say that it failed"

    def of_next(self, state):
        """The next run, which nothing disturbs, comes to the same end. One of each state is run."""
        with self.lock:
            known = self.nexts.get(state)
        if known is not None:
            return known
        with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
            here = Theatre(scratch)
            here.put(dict(state))
            done = here.run(self.scene)
        found = []
        if done.state != frozen(self.new):
            found.append("the next run does not converge")
        if done.code not in (self.clean.code, self.again.code):
            found.append(f"the next run's exit code is {done.code}: {done.out[:300]} {done.err[:300]}")
        with self.lock:
            self.nexts[state] = found
        FIGURES["next runs, one from each state"] += 1
        return found

    def problems(self, done, may_leave=False, may_die=(), at_most=None, kinds=None, may_be_silent=False):
        """All that is wrong with a run. may_leave: a temporary file. may_die: of these signals. at_most: so many
        profiles may fail. kinds: what their errors may be. may_be_silent: there is nothing
        left to complain to."""
        yield from self.of_files(dict(done.state), may_leave or done.code in may_die)
        if done.code in may_die:
            if done.out not in (b"", self.clean.out):
                yield "it was killed, and half of an answer is there"
        elif done.code < 0:
            yield f"it died of signal {-done.code}"
        elif done.code == self.clean.code and (done.code != self.scene.trouble or done.out == self.clean.out):
            if self.scene.answer in ("json", "lines") and done.err and done.out != self.clean.out:
                pass  # DSC is given what could be read, and told what could not
            else:
                yield from self.of_success(done)
        else:
            yield from self.of_trouble(done, at_most, kinds, may_be_silent)
        yield from self.of_next(done.state)

    def perform(self, cases, act, **rules):
        """Runs every case with `act(theatre, case)`, which gives what was Done, or None where nothing was disturbed;
        fails with the first of the problems."""
        cases, found, lock = list(cases), [], threading.Lock()
        free = list(self.theatres)

        def work(case):
            with lock:
                here = free.pop()
            try:
                here.put(self.old)
                done = act(here, case)
                wrong = [] if done is None else list(self.problems(done, **rules))
            finally:
                with lock:
                    free.append(here)
            if wrong:
                found.append(f"{case}: {'; '.join(wrong)}\n    exit code {done.code}, {done.out[:600]!r}, {done.err[:300]!r}")
            return done

        with ThreadPoolExecutor(WORKERS) as pool:
            done = [one for one in pool.map(work, cases) if one is not None]
        FIGURES["runs disturbed"] += len(done)
        FIGURES["of these killed"] += sum(one.code == KILLED for one in done)
        FIGURES["hives lost"] += sum("neither" in text for text in found)
        assert not found, f"{len(found)} of {len(cases)}:\n" + "\n".join(sorted(found)[:SHOWN])
        return done
