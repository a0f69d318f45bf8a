#!/usr/bin/python3
"""A site's adapter that behaves as its first argument says, right or wrong."""

import json
import os
import struct
import sys
import time

behaviour = sys.argv[1]


def read():
    (length,) = struct.unpack(">I", sys.stdin.buffer.read(4))
    return json.loads(sys.stdin.buffer.read(length))


def write(message):
    if not isinstance(message, bytes):
        message = json.dumps(message).encode()
    sys.stdout.buffer.write(struct.pack(">I", len(message)) + message)
    sys.stdout.buffer.flush()


def answer(question, **ending):
    write({"protocol": 1, "key": question["key"], **ending})


def done(question):
    answer(question, ending="done", value={"id": "T-1", "title": question["arguments"]["title"]})


if behaviour == "dies unasked":
    os._exit(1)
if behaviour == "leaves the question":
    sys.exit(0)

question = read()

if behaviour == "records":
    with open(sys.argv[2], "a") as record:
        record.write(json.dumps(question) + "\n")
    done(question)
elif behaviour == "tells its surroundings":
    value = {"id": json.dumps([dict(os.environ), os.getcwd(), sys.argv[2:]]), "title": ""}
    answer(question, ending="done", value=value)
elif behaviour == "already so":
    answer(question, ending="already_so", value={"id": "T-0", "title": ""})
elif behaviour == "refuses":
    answer(question, ending="refused", kind="conflict", text="it is closed")
elif behaviour == "refuses half-way":
    answer(question, ending="refused", kind="denied", text="no\nmore", perhaps=True)
elif behaviour == "did not send":
    answer(question, ending="not_sent", text="the desk is closed")
elif behaviour == "dies":
    os._exit(1)
elif behaviour == "dies after the answer":
    done(question)
    os._exit(1)
elif behaviour == "is killed":
    os.kill(os.getpid(), 9)
elif behaviour == "hangs":
    time.sleep(600)
elif behaviour == "hangs after the answer":
    done(question)
    time.sleep(600)
elif behaviour == "leaves somebody behind":
    if os.fork() == 0:
        time.sleep(600)
    done(question)
elif behaviour == "hides somebody":
    if os.fork() == 0:
        os.setsid()
        time.sleep(30)
        os._exit(0)
    done(question)
elif behaviour == "floods":
    block = b"x" * (1 << 20)
    for _ in range(1 << 10):
        sys.stdout.buffer.write(block)
elif behaviour == "floods its complaints":
    block = b"x" * (1 << 20)
    for _ in range(1 << 6):
        sys.stderr.buffer.write(block)
    done(question)
elif behaviour == "no UTF-8":
    write(b'{"protocol":1,"key":"' + question["key"].encode() + b'","ending":"not_sent","text":"\xff"}')
elif behaviour == "half an answer":
    sys.stdout.buffer.write(struct.pack(">I", 100) + b"{}")
elif behaviour == "two answers":
    done(question)
    done(question)
elif behaviour == "no length":
    print(json.dumps({"protocol": 1, "key": question["key"], "ending": "not_sent", "text": ""}))
elif behaviour == "another key":
    done({**question, "key": "0" * 64})
elif behaviour == "another type":
    answer(question, ending="done", value={"id": 7, "title": "x"})
elif behaviour == "a long text":
    answer(question, ending="done", value={"id": "T-1", "title": "x" * 5000})
elif behaviour == "betrays":
    print("the token is", question["secret"], "\x1b[31m", file=sys.stderr)
    answer(question, ending="refused", kind="denied", text="bad token " + question["secret"])
elif behaviour == "answers its secret":
    answer(question, ending="done", value={"id": "T-1", "title": "for " + question["secret"]})
elif behaviour == "betrays where it is cut":
    # What it complains of is kept up to 64 KiB: the last byte of the secret is beyond.
    sys.stderr.write("x" * ((64 << 10) - len(question["secret"]) + 1) + question["secret"])
    sys.stderr.flush()
    os._exit(1)
else:
    done(question)
