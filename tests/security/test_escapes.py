# SPDX-License-Identifier: MIT
"""What a terminal would obey, what turns text around and what cannot be seen: whoever has it in the name of a folder,
in a path, in a value or in a request, it is in nothing that mapihttp prints. Every output is gone through byte by
byte: JSON is printable ASCII, and text for people has no such character."""

import json
import os
import re
import unicodedata

import pytest
from grounds import place
from support import hives
from support.hives import value
from support.tool import WINDOWS, run

NASTY = {
    "escape": "\x1b[2J\x1b[31mann", "title": "\x1b]0;ann\x07", "hyperlink": "\x1b]8;;x:x\x1b\\ann",
    "device control": "\x1bP+q\x1b\\ann", "bell": "a\x07nn", "line feed": "ann\nroot changed", "return": "ann\rbob",
    "tab": "a\tnn", "delete": "ann\x7f", "C1 CSI": "a\x9b31mnn", "C1 OSC": "a\x9d0;x\x9cnn", "next line": "a\x85nn",
    "line separator": "a\u2028nn", "override": "ann\u202etad", "embedding": "a\u202bnn", "isolate": "a\u2067nn",
    "mark": "a\u200fnn", "Arabic mark": "a\u061cnn", "zero width": "a\u200bnn", "joiner": "a\u200dnn",
    "word joiner": "a\u2060nn", "byte order mark": "a\ufeffnn", "soft hyphen": "a\u00adnn", "tag": "a\U000e0061nn",
    "annotation": "a\ufff9nn", "old mark": "a\u180enn", "variation": "a\ufe0fnn", "grapheme joiner": "a\u034fnn",
    "Hangul filler": "a\u3164nn", "leading filler": "a\u115fnn", "vowel filler": "a\u1160nn",
    "Khmer vowel": "a\u17b4nn", "Mongolian variation": "a\u180bnn", "last Mongolian variation": "a\u180fnn",
    "half filler": "a\uffa0nn", "unassigned special": "a\ufff0nn",
}
# Not of the categories that are bad, and yet nothing is to be seen of them.
UNSEEN = {chr(point) for first, last in [(0x034f, 0x034f), (0x115f, 0x1160), (0x17b4, 0x17b5), (0x180b, 0x180f),
                                         (0x3164, 0x3164), (0xfe00, 0xfe0f), (0xffa0, 0xffa0), (0xfff0, 0xfff8)]
          for point in range(first, last + 1)}
BYTES = {"C1 CSI": b"a\x9b31mnn", "C1 OSC": b"a\x9d0;x\x07", "half a character": b"ann\xe2\x80", "overlong": b"a\xc0\x9bnn",
         "surrogate": b"a\xed\xa0\x80nn", "beyond Unicode": b"a\xf4\x90\x80\x80nn"}
LINUX = pytest.mark.linux  # names and arguments that Windows does not have, or that cost too much there
# Several in one name: short enough for messages not to be cut before the last of them.
GROUPS = ["".join(list(NASTY.values())[i:i + 5]) for i in range(0, len(NASTY), 5)]
EACH = pytest.mark.parametrize("text", GROUPS, ids=["-".join(list(NASTY)[i:i + 5]) for i in range(0, len(NASTY), 5)])
# Signs of Arabic and other scripts that stand before digits: of that category, but seen.
SEEN = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")


def bad_characters(text):
    """Those of categories other than letters, marks, numbers, punctuation, symbols and the blank, or unseen."""
    return [c for c in text if c in UNSEEN or
            (unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs") and c not in SEEN and c != "\n")]


def is_printable(out):
    """JSON in printable ASCII, ended by one line feed, or any number of such lines."""
    return re.fullmatch(rb"([\x20-\x7e]*\n)*", out) is not None


def told(done):
    """What a run wrote to its two streams; Windows' own line ends on stderr are lines' ends."""
    return done.out, done.err.replace(b"\r\n", b"\n") if WINDOWS else done.err


def clean(done):
    """The outputs of a run for people are UTF-8 with nothing bad in them."""
    for out in told(done):
        assert bad_characters(out.decode("utf-8")) == [], out


NATIVE = [("get",), ("check", "state=enabled"), ("apply", "state=enabled", "check=yes")]


def programs_say(where, *more):
    """Every verb and dialect about one place, `where` as {field: path}: what each says, JSON and for people."""
    request = {**where, "state": "enabled"}
    arguments = [f"{name}={text}" for name, text in where.items()]
    for verb, *rest in NATIVE:
        yield run(verb, *rest, *arguments, *more, "-o", "json"), True
        yield run(verb, *rest, *arguments, *more, "-o", "table"), False
    yield run("salt", "check", stdin={**request, "name": "x"}), True
    yield run("salt", "get", stdin=where), True
    yield run("bolt", stdin={**request, "_noop": True}), True
    for operation in ("get", "test", "whatif", "export"):
        yield run("dsc", operation, stdin=request, check_result=False), True
    yield run("intune", "detect", *arguments, "state=enabled"), True


def all_clean(where):
    for done, is_json in programs_say(where):
        assert done.code in (0, 1, 2) or done.out == b"", done
        clean(done)
        if is_json:
            assert all(map(is_printable, told(done))), done


@LINUX
@EACH
@pytest.mark.parametrize("content", ["whole", "broken", "both", "link"])
def test_folders_of_a_store(tmp_path, text, content):
    """In profiles, in failures, and in warnings."""
    hives.store(tmp_path / "store", {text: hives.user(hives.dword(1)), "zoe": hives.user()})
    folder = tmp_path / "store" / text
    if content == "broken":
        (folder / "NTUSER.DAT").write_bytes(b"")
    elif content == "both":
        hives.make(folder / "NTUSER.MAN", hives.user())
    elif content == "link":
        folder.rename(folder.with_name("away"))
        folder.symlink_to("away")
    all_clean({"store": str(tmp_path / "store")})


@LINUX
@pytest.mark.parametrize("name", BYTES.values(), ids=BYTES)
def test_folders_whose_names_are_no_text(tmp_path, name):
    """They are escaped, and their profile is refused by name."""
    hives.store(tmp_path / "store", {"ann": hives.user()})
    os.rename(tmp_path / "store/ann", os.fsencode(tmp_path / "store") + b"/" + name)
    all_clean({"store": str(tmp_path / "store")})


@EACH
def test_paths_values_and_folders_of_a_volume(tmp_path, text):
    """A path of ProfileList, the value's text, a folder that no entry names, a selector that matches nothing."""
    spec = hives.user(value("REG_SZ", text))
    root = hives.volume(tmp_path, {"ann": spec, "bob": hives.user(value("REG_MULTI_SZ", [text, "x"]))},
                        more=[(hives.sid("cai"), rf"C:\Users\{text}")],
                        policy=[value("REG_SZ", text, "State")], exclude=[text])
    hives.make(root / "Users" / f"{text}2" / "NTUSER.DAT", spec)
    for done, is_json in programs_say({"root": str(root), "exclude": f"{text}x"}):
        clean(done)
        assert not is_json or all(map(is_printable, told(done))), done
    for form in ("json", "table"):
        clean(run("check", "state=policy", f"root={root}", "-o", form))


@LINUX
@EACH
def test_names_of_hives_and_of_the_folder_they_are_in(tmp_path, text):
    """A whole one, one that is none, and one that is not there."""
    path = hives.make(tmp_path / text / text, hives.user(value("REG_EXPAND_SZ", text)))
    (tmp_path / text / "broken").write_bytes(b"")
    listed = [str(path), str(path.with_name("broken")), str(path.with_name(f"{text}0"))]
    for verb, form in (("get", "json"), ("get", "table"), ("apply", "table")):
        request = {"hives": listed, **({"state": "enabled", "check": True} if verb == "apply" else {})}
        done = run(verb, "-o", form, stdin=request)
        clean(done)
        assert form == "table" or is_printable(done.out)
    for word in ("get", "test", "export"):
        done = run("dsc", word, stdin={"hives": listed, "state": "enabled"}, check_result=False)
        assert all(map(is_printable, told(done)))


@LINUX
@EACH
def test_requests_that_are_refused(tmp_path, text):
    """An unknown field, a bad value, a duplicate key, no JSON at all: in every dialect."""
    bad = [json.dumps({text: 1}), json.dumps({"state": text}), json.dumps({"hives": [text], "users": {text: text}}),
           f'{{{json.dumps(text)}:1,{json.dumps(text)}:2}}', f"{{{text}", f'"{text}"']
    arguments = tmp_path / "arguments"
    for content in bad:
        stdin = content.encode()
        arguments.write_bytes(stdin)
        calls = [("get", "-o", "json"), ("get", "-o", "table"), ("apply", "-o", "table"), ("ansible", arguments),
                 ("salt", "apply"), ("bolt",), ("dsc", "set"), ("intune", "remediate"), ("render", "reg"),
                 ("render", "lgpo")]
        for call in calls:
            done = run(*call, stdin=stdin, check_result=False)
            clean(done)
            assert "table" in call or all(map(is_printable, told(done))), (call, done)


@LINUX
@EACH
def test_command_lines_that_are_wrong(tmp_path, text):
    """What the caller wrote is told on stderr: a verb, a word of a dialect, a format, a file, an argument."""
    for call in ((text,), (text, "x"), ("get", text), ("get", f"{text}=1"), ("get", "-o", text), ("salt", text),
                 ("dsc", text), ("bolt", text), ("intune", text), ("ansible", tmp_path / text), ("ansible", "x", text),
                 ("render", text), ("render", "backup", "state=enabled", f"out={tmp_path}/none/{text}"),
                 ("schema", text), ("version", text)):
        for form in ([], ["-o", "table"]):
            done = run(*call, *form, check_result=False)
            assert done.code != 0
            clean(done)


@LINUX
@pytest.mark.parametrize("name", BYTES.values(), ids=BYTES)
def test_command_lines_that_are_no_text(name):
    """A byte that is no UTF-8 is not handed through either."""
    for call in ((name,), ("get", name), ("get", name + b"=1"), ("salt", name), ("get", b"hives=" + name)):
        done = run(*[os.fsdecode(part) if isinstance(part, bytes) else part for part in call], check_result=False)
        clean(done)


@LINUX
def test_what_a_trap_is_called_is_told_safely(tmp_path):
    """A log, a policy file and a new file of a hive with such a name."""
    name = "\x1b[31mann\u202e"
    hives.store(tmp_path / "store", {name: {**hives.user(), "log": {"root": hives.user(hives.dword(1))["root"]}}})
    for trap in ("NTUSER.DAT.LOG1", "NTUSER.DAT.LOG2", "ntuser.pol"):
        place("FIFO", tmp_path / "store" / name / trap, None)
    all_clean({"store": str(tmp_path / "store")})
