# SPDX-License-Identifier: MIT
"""Requests that are made to exhaust: deep, long, many. Each is refused with a clear error in little memory and little
processor time, by every dialect. Both are limits that the kernel keeps (prlimit), so nothing is measured by a clock."""

import json

import pytest
from support.tool import run

pytestmark = pytest.mark.linux

MEGABYTE = 1 << 20
MEMORY = 64 * MEGABYTE  # of address space, the program and its libraries included
LIMITED = ["prlimit", f"--as={MEMORY}", "--cpu=5", "--core=0"]
# How it is called, the exit codes of a refusal, and what the answer is looked for in.
DIALECTS = {
    "get": (["get"], {2}), "check": (["check"], {2}), "apply": (["apply"], {2}), "table": (["apply", "-o", "table"], {2}),
    "ansible": (["ansible", "{file}"], {1}), "salt": (["salt", "apply"], {1}), "salt get": (["salt", "get"], {1}),
    "bolt": (["bolt"], {1}), "dsc": (["dsc", "set"], set(range(1, 20))), "dsc get": (["dsc", "get"], set(range(1, 20))),
    "intune": (["intune", "detect"], {1}), "render": (["render", "reg"], {2}),
}


def deep(inner, count):
    return "[" * count + inner + "]" * count


def full(begin, filler, end):
    """As many fillers as make a request of nearly a mebibyte."""
    return begin + filler * ((MEGABYTE - len(begin) - len(end)) // len(filler)) + end


FIELDS = ["state", "users", "exclude", "root", "store", "hives", "check", "restore"]
PLACES = {
    **{name: f'{{"{name}":%s}}' for name in FIELDS},
    "an unknown field": '{"x":%s}',
    "an entry of users": '{"users":["all",%s]}',
    "an entry of hives": '{"hives":["a",%s]}',
    "restore's entry": '{"hives":["a"],"restore":[%s]}',
    "restore's id": '{"hives":["a"],"restore":[{"id":%s,"value":null}]}',
    "restore's value": '{"hives":["a"],"restore":[{"id":"a","value":%s}]}',
    "restore's type": '{"hives":["a"],"restore":[{"id":"a","value":{"type":%s,"data":1}}]}',
    "restore's data": '{"hives":["a"],"restore":[{"id":"a","value":{"type":"REG_DWORD","data":%s}}]}',
    "restore's text": '{"hives":["a"],"restore":[{"id":"a","value":{"type":"REG_MULTI_SZ","data":[%s]}}]}',
}
FILLINGS = {
    "nested 2,000 deep": deep("", 2000), "nested as objects": '{"a":' * 2000 + "1" + "}" * 2000,
    "nested as deep as it may be": deep("", 1500), "a number of 1,000,000 digits": "9" * 1000000,
    "a fraction of 1,000,000 digits": "0." + "0" * 999990 + "1", "1e999999": "1e999999", "-1e999999": "-1e999999",
    "a negative number out of all bounds": "-" + "9" * 400, "NaN": "NaN",
    "a list of 300,000 numbers": "[" + "1," * 300000 + "1]", "a list of 300,000 lists": "[" + "[]," * 300000 + "[]]",
}
WHOLE = {
    "a mebibyte of [": "[" * MEGABYTE, "a mebibyte of {": "{" * MEGABYTE, "a mebibyte of quotes": '"' * MEGABYTE,
    "a mebibyte of [ in an object": full('{"users":', "[", ""), "a mebibyte of objects": full("", '{"a":', ""),
    "a mebibyte of minus signs": "-" * MEGABYTE, "a mebibyte of NULs": "\0" * MEGABYTE,
    "one byte more than a mebibyte": " " * MEGABYTE + "{", "eight mebibytes": " " * (8 * MEGABYTE),
    "a mebibyte of escapes": full('{"state":"', "\\u0041", '"}'), "a key of a mebibyte": full('{"', "k", '":1}'),
    "100,000 keys": "{" + ",".join(f'"{i:x}":1' for i in range(100000)) + "}",
    "80,000 keys that are alike": "{" + ",".join(f'"{i:06d}":1' for i in range(80000)) + "}",
    "the same key 150,000 times": "{" + '"a":1,' * 150000 + '"a":1}',
    "duplicate keys within": '{"hives":["a"],"restore":[{"id":"a","id":"b","value":null}]}',
    "a lone surrogate": '{"state":"\\ud800"}',
}


def is_refused(tmp_path, dialect, text):
    """The answer is short, says that the request is wrong, and comes by the program's own will."""
    arguments, codes = DIALECTS[dialect]
    file = tmp_path / "request"
    file.write_text(text, encoding="utf-8")
    done = run(*[part.format(file=file) for part in arguments], stdin=text.encode(), wrapper=LIMITED,
               check_result=len(text) < 100000)
    assert done.code in codes, done
    told = done.out + done.err
    assert 0 < len(told) < 4000 and b"out of memory" not in told, told[:1000]
    assert b"invalid" in told or dialect in ("salt", "dsc", "dsc get", "render"), told
    return told


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_whole_requests(tmp_path, dialect, text):
    is_refused(tmp_path, dialect, text)


@pytest.mark.parametrize("filling", FILLINGS.values(), ids=FILLINGS)
def test_every_field_filled_with_it(tmp_path, filling):
    """By the native verb; what a field may hold, all dialects share."""
    for place, form in PLACES.items():
        told = json.loads(is_refused(tmp_path, "apply", form % filling))
        assert told["error"]["kind"] == "invalid", (place, told)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("filling", ["nested 2,000 deep", "1e999999", "a list of 300,000 lists"])
def test_every_dialect_filled_with_it(tmp_path, dialect, filling):
    for name in ("state", "users", "hives", "x"):
        is_refused(tmp_path, dialect, PLACES.get(name, PLACES["an unknown field"]) % FILLINGS[filling])


@pytest.mark.parametrize("name", ["_ansible_x", "_ansible_check_mode"])
def test_what_ansible_itself_adds(tmp_path, name):
    """Keys that are ignored are parsed all the same, and a switch is not taken of just anything."""
    (tmp_path / "request").write_text(f'{{"{name}":{deep("", 2000)}}}', encoding="utf-8")
    assert run("ansible", tmp_path / "request", wrapper=LIMITED).code == 1


@pytest.mark.parametrize("text", ["x" * 1000000, "\u00e9" * 160000, "C:\\" * 200000], ids=["x", "letters", "drives"])
@pytest.mark.parametrize("name", ["state", "root", "store", "users", "exclude", "hives"])
def test_texts_of_a_megabyte(tmp_path, name, text):
    """A path of that length leads nowhere, a selector matches nobody, a state is none: the message is short."""
    request = {"hives": [str(tmp_path / "none")], name: text}
    if name in ("root", "store"):
        del request["hives"]
    done = run("get", stdin=request, wrapper=LIMITED, check_result=False)
    assert done.code == 2 and b'"failed":true' in done.out
    assert len(json.loads(done.out)["msg"]) < 2000


@pytest.mark.parametrize("name,item", [("users", "%x"), ("exclude", "%x"), ("hives", "%x"), ("users", "*%x*"),
                                       ("users", "all")])
def test_lists_of_100000_entries(tmp_path, name, item):
    """A list that long is a request like another: it is worked through, or refused for want of memory, never half
    of it; and it is no crash."""
    (tmp_path / "hive").write_bytes(b"")
    items = [item % i if "%" in item else item for i in range(100000)]
    request = {"hives": [str(tmp_path / "hive")], name: items}
    done = run("get", stdin=request, check_result=False, wrapper=["prlimit", f"--as={512 * MEGABYTE}", "--cpu=60"])
    assert done.code in (0, 2) and json.loads(done.out)["failed"] is True


@pytest.mark.parametrize("pattern", ["*" * 5000, "*a" * 2500, "?*" * 2500 + "b"], ids=["1", "2", "3"])
def test_patterns_that_backtrack(tmp_path, pattern):
    """Matching takes time in proportion, not to a power of the number of asterisks."""
    store = tmp_path / "store"
    for name in ("a" * 200, "ab" * 100):
        (store / name).mkdir(parents=True)
        (store / name / "NTUSER.DAT").write_bytes(b"")
    done = run("get", stdin={"store": str(store), "users": [pattern]}, wrapper=LIMITED)
    assert done.code in (0, 2)
